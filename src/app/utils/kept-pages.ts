import { Column, Param, type Placeholder, SQL, StringChunk, sql, Table } from 'drizzle-orm';

/** A drizzle select that has no condition, order and limit yet. */
export interface Selection<Row> {
  where: (condition: SQL | undefined) => {
    orderBy: (...columns: SQL[]) => { limit: (rows: number | Placeholder) => PromiseLike<Row[]> };
  };
}

/** What a page reads beyond its selection. */
export interface PageParts {
  where: SQL | undefined;
  orderBy: readonly SQL[];
  rows: number;
}

/** The part of the builder that decides its text; its type lacks them. */
interface Builder {
  session: object;
  config: Readonly<Record<string, unknown>> & { table: object; fields: Readonly<Record<string, unknown>> };
}

interface Prepared<Row> {
  execute: (values: Readonly<Record<string, unknown>>) => Promise<Row[]>;
}

/** What of a page's statement is the same with each use, as a text, and the values that are not. */
interface Shape {
  text: string;
  values: Record<string, unknown>;
  count: number;
}

/** Of a session of the query builder; more are a list whose text depends on what a client sends. */
const MAX_KEPT = 200;
const ROWS = 'rows';
/** No text of a statement has a NUL, so that nobody's text looks like one of these. */
const [NAME, VALUE, OPEN, CLOSE] = ['\0#', '\0?', '\0(', '\0)'];
/** What a plain selection consists of. */
const PLAIN_PARTS = new Set(['table', 'fields', 'withList', 'setOperators']);
const statements = new WeakMap<object, Map<string, Prepared<unknown> | undefined>>();
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/**
 * Reads the rows of a page. The builder writes the text of a plain list once for each shape of its condition: a second page
 * of the same shape is sent with other values only. A selection that is more than columns of one table is built each time.
 */
export function readPage<Row>(selection: Selection<Row>, parts: PageParts): PromiseLike<Row[]> {
  const builder = selection as unknown as Builder;
  const shape = shapeOf(builder, parts);
  if (shape === undefined) return built(selection, parts);
  const known = statementsOf(builder.session);
  const prepared = known.get(shape.text) as Prepared<Row> | undefined;
  if (prepared !== undefined) return prepared.execute(shape.values);
  if (known.size >= MAX_KEPT) known.clear();
  // A transaction reads its page once, and is gone.
  if (!known.has(shape.text)) {
    known.set(shape.text, undefined);
    return built(selection, parts);
  }
  const kept = prepare(selection, parts);
  known.set(shape.text, kept);
  return kept.execute(shape.values);
}

function built<Row>(selection: Selection<Row>, { where, orderBy, rows }: PageParts): PromiseLike<Row[]> {
  return selection
    .where(where)
    .orderBy(...orderBy)
    .limit(rows);
}

function prepare<Row>(selection: Selection<Row>, { where, orderBy }: PageParts): Prepared<Row> {
  let count = 0;
  const next = (): Placeholder => sql.placeholder(String(count++));
  const condition = where && withPlaceholders(where, next);
  const order = orderBy.map((one) => withPlaceholders(one, next));
  const query = selection
    .where(condition)
    .orderBy(...order)
    .limit(sql.placeholder(ROWS));
  // Every select of the builder can be prepared.
  return (query as unknown as { prepare: () => Prepared<Row> }).prepare();
}

function statementsOf(session: object): Map<string, Prepared<unknown> | undefined> {
  let known = statements.get(session);
  if (known === undefined) {
    known = new Map();
    statements.set(session, known);
  }
  return known;
}

/** `undefined` for a statement whose text may depend on more than the kinds of its parts. */
function shapeOf({ config, session }: Builder, { where, orderBy, rows }: PageParts): Shape | undefined {
  if (session === undefined || !isPlain(config)) return undefined;
  const shape: Shape = { text: `${numberOf(config.table)}`, values: { [ROWS]: rows }, count: 0 };
  for (const [name, field] of Object.entries(config.fields)) {
    if (!isName(field)) return undefined;
    shape.text += `${NAME}${name}${VALUE}${numberOf(field)}`;
  }
  shape.text += OPEN;
  if (where !== undefined && !describe(where, shape)) return undefined;
  shape.text += CLOSE;
  return orderBy.every((one) => describe(one, shape)) ? shape : undefined;
}

function isPlain(config: Builder['config']): boolean {
  for (const part in config) {
    const value = config[part];
    if (value === undefined || part === 'table' || part === 'fields') continue;
    if (!PLAIN_PARTS.has(part) || !Array.isArray(value) || value.length > 0) return false;
  }
  return config.table instanceof Table;
}

/** Adds the condition to the shape; false if it has a part whose text is not certain. */
function describe(condition: SQL, shape: Shape): boolean {
  if ((condition as unknown as { shouldInlineParams: boolean }).shouldInlineParams) return false;
  shape.text += OPEN;
  for (const chunk of condition.queryChunks) if (!describeChunk(chunk, shape)) return false;
  shape.text += CLOSE;
  return true;
}

function describeChunk(chunk: unknown, shape: Shape): boolean {
  if (chunk === undefined) return true;
  if (isScalar(chunk)) return describeValue(chunk, VALUE, shape);
  if (typeof chunk !== 'object' || chunk === null) return false;
  if (chunk.constructor === StringChunk) {
    shape.text += (chunk as StringChunk).value;
    return true;
  }
  if (chunk.constructor === SQL) return describe(chunk as SQL, shape);
  if (chunk.constructor === Param) {
    const { value, encoder } = chunk as Param;
    return isScalar(value) && describeValue(value, `${VALUE}${numberOf(encoder)}`, shape);
  }
  if (!isName(chunk)) return false;
  shape.text += `${NAME}${numberOf(chunk)}`;
  return true;
}

function describeValue(value: unknown, mark: string, shape: Shape): boolean {
  shape.text += mark;
  shape.values[shape.count++] = value;
  return true;
}

function isScalar(value: unknown): value is string | number | boolean | bigint | Date {
  if (typeof value === 'object') return value instanceof Date;
  return (
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
  );
}

/** A column or a table, which is written by its name. */
function isName(chunk: unknown): chunk is object {
  if (typeof chunk !== 'object' || chunk === null) return false;
  return numbers.has(chunk) || chunk instanceof Column || chunk instanceof Table;
}

function numberOf(part: object): number {
  let number = numbers.get(part);
  if (number === undefined) {
    number = ++lastNumber;
    numbers.set(part, number);
  }
  return number;
}

/** The same condition with a placeholder for each value, in the order in which `describe` counts them. */
function withPlaceholders(condition: SQL, next: () => Placeholder): SQL {
  const chunks = condition.queryChunks.map((chunk): unknown => {
    if (chunk instanceof SQL) return withPlaceholders(chunk, next);
    if (chunk instanceof Param) return new Param(next(), chunk.encoder);
    return isScalar(chunk) ? next() : chunk;
  });
  // They are of the kinds that they were.
  return new SQL(chunks as SQL['queryChunks']);
}
