import { isTable } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { isPgEnum, isPgMaterializedView, isPgSchema, isPgSequence, isPgView, pgSchema } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { sqlState } from '../runtime/statement-error.ts';
import { inTransaction } from '../runtime/transaction.ts';
import { ownTables, type VersionTables } from '../runtime/versions.ts';
import { withUsed } from './collect.ts';
import { tablesOfModels } from './database.ts';
import { answering, loadKit } from './kit.ts';
import { LONGEST_NAME_BYTES, rightDefault, unquoted } from './kit-text.ts';
import { type DeclaredObjects, isOfObject } from './objects.ts';

/** Where drizzle keeps a table's and a view's schema; a model is written before the schema is known. */
const TABLE_SCHEMA = Symbol.for('drizzle:Schema');
const VIEW_CONFIG = Symbol.for('drizzle:ViewBaseConfig');

/** The statements that would make the live database equal to the models: none if it is. Changes nothing. */
export async function driftOf(client: pg.Client, compared: Compared): Promise<string[]> {
  const { models, schema } = compared;
  // The role's settings of dates and search_path do not count: expressions are read in PostgreSQL's own words.
  return inTransaction(client, { schema }, () =>
    differences(client, { ...compared, models: withUsed(models, undefined) }),
  );
}

interface Compared extends VersionTables {
  models: Record<string, unknown>;
  objects: DeclaredObjects;
}

async function differences(client: pg.Client, { models, objects, ...tables }: Compared): Promise<string[]> {
  const { schema } = tables;
  const { pushSchema } = await loadKit();
  const schemas = [schema, ...schemasIn(models)];
  const filter = {
    schemas,
    tables: await tablesOfModels(client, { schemas, own: ownTables(tables) }),
    entities: undefined,
    extensions: undefined,
  };
  // The schema itself is described by no model, and is not to be dropped for it.
  const isDescribed = schema === 'public' || schemasIn(models).includes(schema);
  const all = isDescribed ? models : { ...models, 'schema of the project': pgSchema(schema) };
  const statements = await withSchema(models, schema, () =>
    answering(
      () => 'created',
      async (hints) => {
        // The parameter's type knows every driver's transaction; only `execute` is used.
        const database = drizzle({ client: oneAtATime(client) }) as never;
        return (await pushSchema(all, database, filter, undefined, { hints })).sqlStatements;
      },
    ),
  );
  const real: string[] = [];
  await withSchema(models, schema, async () => {
    for (const statement of statements)
      if (
        !isOfObject(statement, objects) &&
        !isOfCutName(statement) &&
        !(await isSameDefault(client, models, statement))
      )
        real.push(statement);
  });
  return real;
}

/** drizzle-kit asks many things at once; pg wants a client's queries one after the other. */
function oneAtATime(client: pg.Client): pg.Client {
  let last: Promise<unknown> = Promise.resolve();
  const query = (...args: [pg.QueryConfig]): Promise<unknown> => {
    const result = last.then(() => client.query(...args));
    last = result.catch(() => {});
    return result;
  };
  return new Proxy(client, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)) });
}

/** PostgreSQL has cut the name that drizzle-kit makes up for a constraint, and keeps it so. */
function isOfCutName(statement: string): boolean {
  return [...statement.matchAll(/"((?:[^"]|"")+)"/g)].some(
    ([, name = '']) => Buffer.byteLength(name) > LONGEST_NAME_BYTES,
  );
}

const SETS_DEFAULT =
  /^ALTER TABLE ((?:"(?:[^"]|"")+"\.)?"(?:[^"]|"")+") ALTER COLUMN "((?:[^"]|"")+)" SET DEFAULT (.*);$/s;

/** drizzle-kit writes some defaults in other words than PostgreSQL keeps them in: the server itself says whether they differ. */
async function isSameDefault(client: pg.Client, models: Record<string, unknown>, statement: string): Promise<boolean> {
  const [, table, column, expression] = SETS_DEFAULT.exec(statement) ?? [];
  if (table === undefined || column === undefined || expression === undefined) return false;
  const { rows } = await client.query(
    `select format_type(a.atttypid, a.atttypmod) as type, pg_get_expr(d.adbin, d.adrelid) as expression
       from pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = to_regclass($1) and a.attname = $2`,
    [table, unquoted(column)],
  );
  const [live] = rows;
  if (live === undefined) return false;
  const right = rightDefault(models, { table, column, expression }) ?? expression;
  await client.query('savepoint compared_default');
  try {
    await client.query(`create temporary table compared_default (value ${live.type} default ${right})`);
    const same = await client.query(
      `select pg_get_expr(adbin, adrelid) as expression from pg_attrdef where adrelid = 'pg_temp.compared_default'::regclass`,
    );
    return same.rows[0]?.expression === live.expression;
  } catch (error) {
    // An expression that the live column's type does not take is a difference.
    if (sqlState(error) === undefined) throw error;
    return false;
  } finally {
    await client.query('rollback to savepoint compared_default');
  }
}

function schemasIn(models: Record<string, unknown>): string[] {
  return Object.values(models)
    .filter((model) => isPgSchema(model))
    .map(({ schemaName }) => schemaName);
}

/** Runs `work` while everything without a schema stands in `schema`. */
async function withSchema<T>(models: Record<string, unknown>, schema: string, work: () => Promise<T>): Promise<T> {
  if (schema === 'public') return work();
  const holders = Object.values(models).flatMap((model) => schemaHolder(model));
  const unqualified = holders.filter(({ holder, key }) => holder[key] === undefined || holder[key] === 'public');
  const before = unqualified.map(({ holder, key }) => holder[key]);
  for (const { holder, key } of unqualified) set(holder, key, schema);
  try {
    return await work();
  } finally {
    unqualified.forEach(({ holder, key }, index) => void set(holder, key, before[index]));
  }
}

type Holder = Record<string | symbol, unknown>;

function schemaHolder(model: unknown): { holder: Holder; key: string | symbol }[] {
  // drizzle's own objects, opened at the place of the schema.
  const open = model as Holder;
  if (isTable(model)) return [{ holder: open, key: TABLE_SCHEMA }];
  if (isPgView(model) || isPgMaterializedView(model)) return [{ holder: open[VIEW_CONFIG] as Holder, key: 'schema' }];
  if (isPgEnum(model) || isPgSequence(model)) return [{ holder: open, key: 'schema' }];
  return [];
}

function set(holder: Holder, key: string | symbol, value: unknown): void {
  Object.defineProperty(holder, key, { value, configurable: true, writable: true, enumerable: true });
}
