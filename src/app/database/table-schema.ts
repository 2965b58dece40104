/** Where drizzle keeps a table's schema; a model is written before the configuration is known. */
const TABLE_SCHEMA = Symbol.for('drizzle:Schema');

/** The schema that the models stand in, and how many open databases rely on it. */
const current = { schema: 'public', holders: 0 };
const moved = new WeakSet<object>();

/**
 * Qualifies every table, in `public` too: `search_path` is session state, and a schema that is named like the role goes before. The models belong to
 * the process, so all databases that are open at one time have one schema: throws for another one. Call the returned function
 * when the database is closed.
 */
export function holdTableSchema(tables: readonly object[], schema: string): () => void {
  if (current.holders > 0 && current.schema !== schema) {
    throw new Error(
      `The tables of this process stand in the schema ${current.schema}: close that database before you open one with DATABASE_SCHEMA=${schema}`,
    );
  }
  current.schema = schema;
  current.holders++;
  const movable = tables.filter(isMovable);
  for (const table of movable) {
    place(table, schema);
    moved.add(table);
  }
  let isHeld = true;
  return () => {
    if (isHeld) current.holders--;
    isHeld = false;
    if (current.holders === 0) for (const table of movable) place(table, undefined);
  };
}

function place(table: object, schema: string | undefined): void {
  Object.defineProperty(table, TABLE_SCHEMA, { value: schema, configurable: true });
}

/** False for a model that names its schema by `pgSchema`: that one stays. */
function isMovable(table: object): boolean {
  return moved.has(table) || Reflect.get(table, TABLE_SCHEMA) === undefined;
}
