import type { Graph } from '../script/graph.ts';
import { readScript } from '../script/revisions.ts';
import { nameAt, skipNoise } from '../sql/names.ts';
import { type Statement, splitStatements } from '../sql/statements.ts';
import { keywords } from '../sql/transactions.ts';
import type { Entity, Snapshot } from './snapshot.ts';
import { wordsIn } from './words.ts';

/** A table or a column that a revision of a branch gives another name. */
export interface BranchRename {
  schema: string;
  /** The table, for a column in the name that it has at that point. */
  table: string;
  column?: string;
  to: string;
}

interface PlacedRename extends BranchRename {
  revision: string;
  /** It runs before a revision of the other branch that knows the old name alone. */
  isEarly: boolean;
}

/** The ends of two branches, and of what both build on. */
export interface Sides {
  ours: readonly string[];
  theirs: readonly string[];
  common: readonly string[];
}

/**
 * The renames of one branch that the state of another one can follow: those that run after all that the other has written about
 * the old name. Where the rename runs first, the other branch's SQL would not find its table.
 */
export function followedRenames(graph: Graph, sides: Sides): BranchRename[] {
  return renamesOf(graph, sides).filter(({ isEarly }) => !isEarly);
}

/** All renames of one branch, in their order. */
export function branchRenames(graph: Graph, sides: Sides): (BranchRename & { revision: string })[] {
  return renamesOf(graph, sides);
}

/** The revisions whose renames cannot be followed, since they run first. */
export function earlyRenames(graph: Graph, sides: Sides): string[] {
  const early = renamesOf(graph, sides).filter(({ isEarly }) => isEarly);
  return [...new Set(early.map(({ revision }) => revision))];
}

/** The state as if it had been written after the renames. */
export function withRenames(snapshot: Snapshot | undefined, renames: readonly BranchRename[]): Snapshot | undefined {
  if (snapshot === undefined || renames.length === 0) return snapshot;
  return { ...snapshot, ddl: snapshot.ddl.map((item) => renames.reduce(renamed, item)) };
}

function renamesOf(graph: Graph, { ours, theirs, common }: Sides): PlacedRename[] {
  const below = graph.ancestors(common);
  const place = new Map(graph.ordered.map(({ id }, index) => [id, index]));
  const only = (ids: readonly string[]): string[] => [...graph.ancestors(ids)].filter((id) => !below.has(id));
  const others = only(theirs).map((id) => ({
    place: place.get(id) ?? 0,
    statements: splitStatements(textOf(graph, id)).map(({ sql }) => wordsIn(sql)),
  }));
  return only(ours)
    .sort((one, other) => (place.get(one) ?? 0) - (place.get(other) ?? 0))
    .flatMap((id) => {
      const later = others.filter((other) => other.place > (place.get(id) ?? 0));
      return splitStatements(textOf(graph, id))
        .flatMap((statement) => renameIn(statement) ?? [])
        .map((rename) => {
          const { column = rename.table } = rename;
          // A column's table may have had another name there.
          const isEarly = later.some(({ statements }) => statements.some((words) => words.has(column)));
          return { ...rename, revision: id, isEarly };
        });
    });
}

function textOf(graph: Graph, id: string): string {
  return readScript(graph.get(id), 'upgrade').text;
}

function renameIn(statement: Statement): BranchRename | undefined {
  const words = keywords(statement);
  if (!/^ALTER TABLE /.test(words) || !/ RENAME /.test(words)) return undefined;
  const { tokens } = statement;
  const home = nameAt(tokens, skipNoise(tokens, 2));
  if (home === undefined || tokens[home.next]?.text.toUpperCase() !== 'RENAME') return undefined;
  const [name = '', schema = 'public'] = home.name.split('.').reverse().map(plain);
  const [first, second, third, fourth] = tokens.slice(home.next + 1).map(({ text }) => text);
  if (first?.toUpperCase() === 'TO' && second !== undefined) return { schema, table: name, to: plain(second) };
  if (first?.toUpperCase() === 'CONSTRAINT') return undefined;
  const isNamed = first?.toUpperCase() === 'COLUMN';
  const [from, to] = isNamed ? [second, fourth] : [first, third];
  return from === undefined || to === undefined
    ? undefined
    : { schema, table: name, column: plain(from), to: plain(to) };
}

function plain(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}

function renamed(item: Entity, { schema, table, column, to }: BranchRename): Entity {
  const copy: Entity = { ...item };
  const isHome = (item.schema ?? 'public') === schema && (item.table ?? item.name) === table;
  const isTarget = item.entityType === 'fks' && item.schemaTo === schema && item.tableTo === table;
  if (column === undefined) {
    if (isHome && item.table !== undefined) copy.table = to;
    else if (isHome && item.entityType === 'tables') copy.name = to;
    if (isTarget) copy.tableTo = to;
    return copy;
  }
  if (isHome && item.entityType === 'columns' && item.name === column) copy.name = to;
  if (isHome && item.table !== undefined) copy.columns = inColumns(item.columns, column, to);
  if (isTarget) copy.columnsTo = inColumns(item.columnsTo, column, to);
  // A property that was not there does not come.
  for (const key of ['columns', 'columnsTo']) if (copy[key] === undefined) delete copy[key];
  return copy;
}

function inColumns(columns: unknown, from: string, to: string): unknown {
  if (!Array.isArray(columns)) return columns;
  return columns.map((column) => {
    if (column === from) return to;
    return column?.isExpression === false && column.value === from ? { ...column, value: to } : column;
  });
}
