import { chunkKindOf, chunkKinds, is, type Param, type SQL, type StringChunk } from 'drizzle-orm';
import { PgCustomColumn } from 'drizzle-orm/pg-core';

/** The state that drizzle keeps of a select; that of the plainest one has no other members. */
export interface SelectState {
  table: object;
  fields: Readonly<Record<string, unknown>>;
  distinct?: unknown;
  withList?: readonly unknown[];
  setOperators?: readonly unknown[];
}

/** All of a select but the values of its parameters: two selects with equal shapes have the same text. */
export type Shape = readonly unknown[];

/** A select as its shape and the values of its parameters, in the order of the text. */
export interface ShapedSelect {
  shape: unknown[];
  values: unknown[];
}

const PLAIN_MEMBERS = new Set(['table', 'fields', 'distinct', 'withList', 'setOperators']);
/** In a shape, before the encoder of a parameter. */
const PARAMETER = Symbol('parameter');

/** The shape of a select of columns from one table; `undefined` for a select that may have more in its text than a shape tells. */
export function shapeOf(
  state: SelectState,
  { where, orderBy }: { where: SQL | undefined; orderBy: readonly SQL[] },
): ShapedSelect | undefined {
  if (!isPlain(state)) return undefined;
  const shaped: ShapedSelect = { shape: [state.table], values: [] };
  for (const name in state.fields) {
    const field = state.fields[name];
    if (chunkKindOf(field) !== chunkKinds.column) return undefined;
    shaped.shape.push(name, field);
  }
  if (where !== undefined && !addChunk(where, shaped)) return undefined;
  for (const column of orderBy) {
    // Keeps them apart from what is before them.
    shaped.shape.push(undefined);
    if (!addChunk(column, shaped)) return undefined;
  }
  return shaped;
}

export function isSameShape(one: Shape, other: Shape): boolean {
  if (one.length !== other.length) return false;
  // A plain loop, since it runs for every list.
  for (let n = 0; n < one.length; n++) if (one[n] !== other[n]) return false;
  return true;
}

/** True for what is sent as a parameter in any case. */
export function isParameter(value: unknown): boolean {
  if (typeof value === 'object') return value === null || value instanceof Date;
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

function isPlain(state: SelectState): boolean {
  for (const member in state) if (!PLAIN_MEMBERS.has(member)) return false;
  const { distinct, withList = [], setOperators = [] } = state;
  return distinct === undefined && withList.length === 0 && setOperators.length === 0;
}

/** Adds a part of a condition or order; false if its text may differ from one use to the next. */
function addChunk(chunk: unknown, shaped: ShapedSelect): boolean {
  switch (chunkKindOf(chunk)) {
    case chunkKinds.string:
      shaped.shape.push((chunk as StringChunk).value);
      return true;
    case chunkKinds.column:
    case chunkKinds.table:
      shaped.shape.push(chunk);
      return true;
    case chunkKinds.param:
      return addValue((chunk as Param).value, (chunk as Param).encoder, shaped);
    case chunkKinds.sql:
      return !isInline(chunk as SQL) && addChunks((chunk as SQL).queryChunks, shaped);
    case chunkKinds.other:
      if (!Array.isArray(chunk)) return addValue(chunk, undefined, shaped);
      shaped.shape.push(chunk.length);
      return addChunks(chunk, shaped);
    default:
      return false;
  }
}

function addChunks(chunks: readonly unknown[], shaped: ShapedSelect): boolean {
  for (const chunk of chunks) if (!addChunk(chunk, shaped)) return false;
  return true;
}

function addValue(value: unknown, encoder: Param['encoder'] | undefined, { shape, values }: ShapedSelect): boolean {
  shape.push(PARAMETER, encoder);
  values.push(value);
  // The encoder of a custom type may write SQL.
  return isParameter(value) && !is(encoder, PgCustomColumn);
}

/** True if the text has the values themselves; drizzle's type lacks the flag. */
function isInline(condition: SQL): boolean {
  return (condition as unknown as { shouldInlineParams: boolean }).shouldInlineParams;
}
