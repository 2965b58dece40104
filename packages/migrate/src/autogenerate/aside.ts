import type { DeclaredObject } from './objects.ts';
import { type ChangedColumn, changedColumns, type Pair, pairsOf, recreatedEnums } from './pairs.ts';
import type { Rename } from './paths.ts';
import type { Entity, Snapshot } from './snapshot.ts';
import { wordsIn } from './words.ts';

/** What has to step aside while the tables change, and comes back afterwards. */
export interface Aside {
  /** The states without it. */
  from: Snapshot;
  to: Snapshot;
  /** The objects that stay as they are, and have to be taken away and made again. */
  objects: ReadonlySet<string>;
}

export interface AsideInput {
  from: Snapshot;
  to: Snapshot;
  used: readonly Rename[];
  objects: { before: readonly DeclaredObject[]; after: readonly DeclaredObject[]; gone: ReadonlySet<string> };
}

/** Finds what stands in the way of a change: it would be refused, or gone afterwards without a word. */
export function stepAside({ from, to, used, objects }: AsideInput): Aside {
  const pairs = pairsOf(from, to, used);
  const enums = recreatedEnums(pairs);
  const columns = changedColumns(pairs, enums);
  const gone = new Set(objects.gone);
  const names = new Set<string>([...goneNames(objects), ...changedViews(pairs)]);
  const aside = new Set<Pair>(pairs.filter((pair) => isOfRecreatedEnum(pair, enums, to)));
  const keys = changedKeys(pairs);
  for (const pair of pairs) if (isOfChangedKey(pair, keys)) aside.add(pair);
  for (const pair of aside) for (const name of namesOf(pair)) names.add(name);
  for (let size = -1; size !== aside.size + gone.size; ) {
    size = aside.size + gone.size;
    for (const pair of pairs)
      if (!aside.has(pair) && isInTheWay(pair, { columns, names, aside })) {
        aside.add(pair);
        for (const name of namesOf(pair)) names.add(name);
      }
    for (const object of objects.after)
      if (!gone.has(object.name) && isObjectInTheWay(object, { columns, names, enums })) {
        gone.add(object.name);
        if (object.defines !== undefined) names.add(object.defines);
      }
  }
  const defaults = pairs.filter(
    ({ old, now }) => old !== undefined && now !== undefined && isDefaultInTheWay(old, now, { columns, names }),
  );
  return {
    from: without(from, new Set([...aside].map(({ old }) => old)), new Set(defaults.map(({ old }) => old))),
    to: without(to, new Set([...aside].map(({ now }) => now)), new Set(defaults.map(({ now }) => now))),
    objects: new Set([...gone].filter((name) => !objects.gone.has(name))),
  };
}

function goneNames({ before, gone }: AsideInput['objects']): string[] {
  return before.filter(({ name }) => gone.has(name)).flatMap(({ defines }) => (defines === undefined ? [] : [defines]));
}

function changedViews(pairs: readonly Pair[]): string[] {
  return pairs
    .filter(
      ({ old, now }) =>
        old?.entityType === 'views' && (old.definition !== now?.definition || old.materialized !== now?.materialized),
    )
    .flatMap((pair) => namesOf(pair));
}

function namesOf({ old, now }: Pair): string[] {
  return [old, now].flatMap((item) => (item === undefined || item.entityType === 'tables' ? [] : [item.name]));
}

/** Columns and tables that come or go with an enum that is made anew: while it is, nothing else may be of its type. */
function isOfRecreatedEnum({ old, now }: Pair, enums: ReadonlySet<string>, to: Snapshot): boolean {
  const isOfEnum = (item: Entity): boolean =>
    item.entityType === 'columns' && enums.has(`${item.typeSchema}.${item.type}`);
  const item = now ?? old;
  if (item === undefined || (old !== undefined && now !== undefined)) return false;
  if (isOfEnum(item)) return true;
  if (now === undefined) return false;
  const home = item.entityType === 'tables' ? item.name : item.table;
  const isNewTable = to.ddl.some((other) => isOfEnum(other) && other.table === home && other.schema === item.schema);
  return isNewTable && item.entityType === 'tables';
}

interface Way {
  columns: readonly ChangedColumn[];
  names: ReadonlySet<string>;
  aside: ReadonlySet<Pair>;
}

function isInTheWay({ old, now }: Pair, way: Way): boolean {
  return (
    [old, now].some((item) => item !== undefined && isEntityInTheWay(item, way)) ||
    isOfAside({ old, now }, way) ||
    isRewritten({ old, now }, way)
  );
}

/** An index or a check that is made anew anyway: its old text need not fit the column's new type. */
function isRewritten({ old, now }: Pair, { columns }: Way): boolean {
  if (old === undefined || (old.entityType !== 'indexes' && old.entityType !== 'checks')) return false;
  const words = wordsIn(...textsOf(old));
  const isOfColumn = columns.some(({ oldTable, path }) => oldTable === `${old.schema}.${old.table}` && words.has(path));
  return isOfColumn && JSON.stringify(textsOf(old)) !== JSON.stringify(now === undefined ? undefined : textsOf(now));
}

/** A foreign key needs the very constraint or index that makes its target unique: it cannot stay while that changes. */
function isOfChangedKey({ old, now }: Pair, keys: readonly Pair[]): boolean {
  return keys.some((key) =>
    [old, now].some(
      (item) =>
        item?.entityType === 'fks' &&
        [key.old, key.now].some(
          (unique) =>
            unique !== undefined &&
            item.schemaTo === unique.schema &&
            item.tableTo === unique.table &&
            isSameSet(columnNames(item.columnsTo), columnNames(unique.columns)),
        ),
    ),
  );
}

/** Primary keys, unique constraints and unique indexes that go, or have other columns or another kind. */
function changedKeys(pairs: readonly Pair[]): Pair[] {
  return pairs.filter(
    ({ old, now }) =>
      old !== undefined &&
      (['pks', 'uniques'].includes(old.entityType) || (old.entityType === 'indexes' && old.isUnique === true)) &&
      (now === undefined || columnNames(old.columns).length !== columnNames(now.columns).length),
  );
}

function columnNames(columns: unknown): string[] {
  if (!Array.isArray(columns)) return [];
  return columns.map((column) => String(typeof column === 'object' ? column?.value : column));
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}

/** What belongs to a table or a column that is aside itself, or refers to it. */
function isOfAside({ old, now }: Pair, { aside }: Way): boolean {
  const item = now ?? old;
  if (item === undefined) return false;
  return [...aside].some((other) => {
    const home = other.now ?? other.old;
    if (home?.entityType === 'tables' && other.old === undefined)
      return (
        (item.table === home.name && item.schema === home.schema) ||
        (item.tableTo === home.name && item.schemaTo === home.schema)
      );
    if (home?.entityType !== 'columns') return false;
    const isOwn = item.table === home.table && item.schema === home.schema && refersTo(item.columns, [home.name]);
    return isOwn || (item.tableTo === home.table && refersTo(item.columnsTo, [home.name]));
  });
}

function isEntityInTheWay(item: Entity, { columns, names }: Way): boolean {
  const words = wordsIn(...textsOf(item));
  const mine = columns.filter(({ table, oldTable }) => [table, oldTable].includes(`${item.schema}.${item.table}`));
  const isOfMine = (changed: ChangedColumn): boolean => changed.names.some((name) => words.has(name));
  switch (item.entityType) {
    case 'views':
      return columns.some(({ isOfWords }) => isOfWords(words)) || mentions(words, names, item.name);
    case 'policies':
      return (
        mine.some(isOfMine) || columns.some(({ isOfWords }) => isOfWords(words)) || mentions(words, names, item.name)
      );
    case 'checks':
    case 'indexes':
      return mine.some((changed) => changed.isAcross && isOfMine(changed)) || mentions(words, names, item.name);
    case 'columns':
      return (
        item.generated != null &&
        (mine.some((changed) => changed.path !== item.name && isOfMine(changed)) || mentions(words, names, item.name))
      );
    case 'fks':
      return columns.some(
        ({ isAcross, table, oldTable, names: own }) =>
          isAcross &&
          (([table, oldTable].includes(`${item.schema}.${item.table}`) && refersTo(item.columns, own)) ||
            ([table, oldTable].includes(`${item.schemaTo}.${item.tableTo}`) && refersTo(item.columnsTo, own))),
      );
    default:
      return false;
  }
}

function mentions(words: ReadonlySet<string>, names: ReadonlySet<string>, own: string): boolean {
  return [...names].some((name) => name !== own && words.has(name));
}

function refersTo(columns: unknown, names: readonly string[]): boolean {
  if (!Array.isArray(columns)) return false;
  return columns.some((column) => names.includes(typeof column === 'object' ? column?.value : column));
}

/** The SQL in an entity, its default aside. */
export function textsOf({ value, where, columns, using, withCheck, definition, generated }: Entity): unknown[] {
  const expressions = Array.isArray(columns)
    ? columns.filter((column) => column?.isExpression).map((column) => column.value)
    : [];
  const as = typeof generated === 'object' && generated !== null && 'as' in generated ? generated.as : undefined;
  return [value, where, using, withCheck, definition, as, ...expressions];
}

function isDefaultInTheWay(old: Entity, now: Entity, { columns, names }: Omit<Way, 'aside'>): boolean {
  if (
    old.entityType !== 'columns' ||
    old.default == null ||
    /serial$/.test(String(now.type)) ||
    /serial$/.test(String(old.type))
  )
    return false;
  const isAcross = columns.some(
    (changed) => changed.isAcross && changed.path === old.name && changed.oldTable === `${old.schema}.${old.table}`,
  );
  return isAcross || mentions(wordsIn(old.default, now.default), names, '');
}

interface ObjectWay extends Omit<Way, 'aside'> {
  enums: ReadonlySet<string>;
}

function isObjectInTheWay({ kind, bound, defines }: DeclaredObject, { columns, names, enums }: ObjectWay): boolean {
  if (kind === 'setup') return false;
  if (mentions(bound, names, defines ?? '')) return true;
  if ([...enums].some((name) => bound.has(afterDot(name)))) return true;
  // A comment and a grant hold on to nothing; they are lost only with what they are about.
  if (kind === 'comment' || kind === 'grant') return false;
  return columns.some(({ isOfWords, isAcross, table, oldTable }) => {
    if (kind === 'index' || kind === 'constraint') return isAcross && isOfWords(bound);
    const isOfAll = kind === 'view' && bound.has('*') && [table, oldTable].some((name) => bound.has(afterDot(name)));
    return isOfAll || isOfWords(bound);
  });
}

function afterDot(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

function without(
  snapshot: Snapshot,
  items: ReadonlySet<Entity | undefined>,
  defaults: ReadonlySet<Entity | undefined>,
): Snapshot {
  return {
    ...snapshot,
    ddl: snapshot.ddl
      .filter((item) => !items.has(item))
      .map((item) => (defaults.has(item) ? { ...item, default: null } : item)),
  };
}
