import { is, Param, type Placeholder, SQL, type SQLChunk, sql } from 'drizzle-orm';
import { isParameter, isSameShape, type SelectState, type Shape, shapeOf } from './shapes.ts';

/** A drizzle select that has no condition, order and limit yet. */
export interface Selection<Row> {
  where: (condition: SQL | undefined) => {
    orderBy: (...columns: SQL[]) => { limit: (rows: number | Placeholder) => PromiseLike<Row[]> };
  };
}

/** What makes a selection one page of a list. */
interface PageParts<Limit = number> {
  where: SQL | undefined;
  orderBy: readonly SQL[];
  limit: Limit;
}

/** What a selection has for its own methods. */
interface Builder {
  session: object;
  config: SelectState;
}

interface PreparedSelect {
  execute: (values: unknown) => Promise<unknown[]>;
}

/** A select that came once. When it comes again, it is prepared. */
interface KnownSelect {
  shape: Shape;
  prepared?: PreparedSelect;
}

/** Known selects of a session; the oldest one is forgotten. */
const MAX_KNOWN = 64;

const knownOf = new WeakMap<object, KnownSelect[]>();

/**
 * Reads the rows of one page. Drizzle builds the text of a select for each use, which takes longer than to send it; here one
 * text serves all selects that differ in nothing but the values of their parameters. A select from several tables, or with a
 * subquery of the query builder, is built for each use.
 */
export function selectPage<Row>(selection: Selection<Row>, parts: PageParts): PromiseLike<Row[]> {
  const { session, config } = selection as unknown as Builder;
  const shaped = shapeOf(config, parts);
  if (shaped === undefined) return build(selection, parts);
  const known = knownOf.get(session) ?? [];
  const same = known.find(({ shape }) => isSameShape(shape, shaped.shape));
  if (same === undefined) {
    knownOf.set(session, [{ shape: shaped.shape }, ...known.slice(0, MAX_KNOWN - 1)]);
    return build(selection, parts);
  }
  same.prepared ??= prepare(selection, parts);
  // Its columns are those of the selection.
  return same.prepared.execute([...shaped.values, parts.limit]) as Promise<Row[]>;
}

function build<Row>(
  selection: Selection<Row>,
  { where, orderBy, limit }: PageParts<number | Placeholder>,
): PromiseLike<Row[]> {
  return selection
    .where(where)
    .orderBy(...orderBy)
    .limit(limit);
}

/** The select with a placeholder for each value. Their names are the places of the values, in the order of the text. */
function prepare(selection: Selection<unknown>, { where, orderBy }: PageParts): PreparedSelect {
  let place = 0;
  const next = (): Placeholder => sql.placeholder(String(place++));
  const replaced = (chunk: SQLChunk): SQLChunk => {
    if (Array.isArray(chunk)) return chunk.map(replaced);
    if (is(chunk, SQL)) return inAll(chunk);
    if (is(chunk, Param)) return new Param(next(), chunk.encoder);
    return isParameter(chunk) ? next() : chunk;
  };
  const inAll = (condition: SQL): SQL => new SQL(condition.queryChunks.map(replaced));
  const parts = { where: where && inAll(where), orderBy: orderBy.map(inAll), limit: next() };
  // Every select of drizzle can be prepared.
  return (build(selection, parts) as unknown as { prepare: () => PreparedSelect }).prepare();
}
