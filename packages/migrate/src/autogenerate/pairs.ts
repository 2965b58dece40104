import { inNewNames, isSamePath, pathOf, type Rename } from './paths.ts';
import type { Entity, Snapshot } from './snapshot.ts';

/** One entity in both states. */
export interface Pair {
  old: Entity | undefined;
  now: Entity | undefined;
}

/** A column that changes, in the names of both states. */
export interface ChangedColumn {
  table: string;
  oldTable: string;
  path: string;
  names: readonly string[];
  /** PostgreSQL converts what depends on it by itself only between types of one family. */
  isAcross: boolean;
  isOfWords: (words: ReadonlySet<string>) => boolean;
}

const FAMILIES = [
  /^(?:small|big)?int(?:eger)?$|^smallint$|^(?:small|big)?serial$/,
  /^(?:text|varchar|character varying|char|character)\b/,
  /^(?:numeric|decimal|real|double precision)\b/,
  /^timestamp/,
];
const KINDS: Readonly<Record<string, string>> = {
  columns: 'column',
  indexes: 'index',
  uniques: 'unique',
  checks: 'check',
  pks: 'primary_key',
  fks: 'foreign key',
  policies: 'policy',
  views: 'view',
  enums: 'enum',
  tables: 'table',
  sequences: 'sequence',
};

/** The entities of both states side by side, each under its new name. */
export function pairsOf(from: Snapshot, to: Snapshot, used: readonly Rename[]): Pair[] {
  const now = new Map(to.ddl.map((item) => [keyOf(item.entityType, pathOf(item)), item]));
  const pairs: Pair[] = from.ddl.map((old) => {
    const key = keyOf(old.entityType, newPath(old, used));
    const pair = { old, now: now.get(key) };
    now.delete(key);
    return pair;
  });
  return [...pairs, ...[...now.values()].map((item) => ({ old: undefined, now: item }))];
}

/** The enums that are made anew, as `schema.name`. */
export function recreatedEnums(pairs: readonly Pair[]): Set<string> {
  const recreated = pairs.filter(
    ({ old, now }) => old?.entityType === 'enums' && now !== undefined && !isWithin(old.values, now.values),
  );
  return new Set(recreated.map(({ now }) => `${now?.schema}.${now?.name}`));
}

/** The columns whose type or expression changes, or that go. */
export function changedColumns(pairs: readonly Pair[], enums: ReadonlySet<string>): ChangedColumn[] {
  return pairs.flatMap(({ old, now }) => {
    if (old?.entityType !== 'columns') return [];
    const isRecreated = enums.has(`${(now ?? old).typeSchema}.${(now ?? old).type}`);
    if (now !== undefined && !isRecreated && typeOf(old) === typeOf(now) && asOf(old) === asOf(now)) return [];
    const tables = [old.table ?? '', now?.table ?? old.table ?? ''];
    const names = [...new Set([old.name, now?.name ?? old.name])];
    const changed: ChangedColumn = {
      oldTable: `${old.schema}.${tables[0]}`,
      table: `${now?.schema ?? old.schema}.${tables[1]}`,
      path: old.name,
      names,
      isAcross: isRecreated || now === undefined || asOf(old) !== asOf(now) || familyOf(old) !== familyOf(now),
      isOfWords: (words) => tables.some((table) => words.has(table)) && names.some((name) => words.has(name)),
    };
    return [changed];
  });
}

function keyOf(entityType: string, path: readonly string[]): string {
  return JSON.stringify([entityType, ...path]);
}

function newPath(item: Entity, used: readonly Rename[]): readonly string[] {
  const path = pathOf(item);
  const home = inNewNames(path, used, '');
  const kind = KINDS[item.entityType];
  const rename = used.find((one) => one.kind === kind && (isSamePath(one.from, home) || isSamePath(one.from, path)));
  return rename?.to ?? home;
}

/** Values that are only added keep the type; any other change makes it anew. */
function isWithin(old: unknown, now: unknown): boolean {
  if (!Array.isArray(old) || !Array.isArray(now)) return true;
  let next = 0;
  for (const value of now) if (value === old[next]) next += 1;
  return next === old.length;
}

function typeOf({ type, typeSchema, dimensions }: Entity): string {
  return JSON.stringify([type, typeSchema, dimensions]);
}

function asOf({ generated }: Entity): string {
  return JSON.stringify(generated ?? null);
}

function familyOf(column: Entity): string {
  const family = FAMILIES.findIndex((pattern) => pattern.test(String(column.type)));
  return column.dimensions === 0 && family !== -1 ? String(family) : typeOf(column);
}
