import type { CreateFunctionStmt, Node, RangeVar } from '@libpg-query/parser';
import type { ColumnType } from './column-type.ts';
import { keyOf, partsOf, type Relation } from './relation.ts';

export interface Column {
  type?: ColumnType | undefined;
  is_not_null: boolean;
  /** The revision that added it, if it is known. */
  added_in?: number | undefined;
}

export interface Check {
  expression: Node;
  is_validated: boolean;
}

/** What is known of a relation. */
export interface Known {
  relation: Relation;
  kind: 'table' | 'view' | 'materialized view' | 'sequence';
  /** The revision that made it, if that is known. */
  made_in?: number | undefined;
  /** It is known from its making on, so what is not known of it does not exist. */
  is_whole: boolean;
  is_logged: boolean;
  access_method?: string | undefined;
  columns: ReadonlyMap<string, Column>;
  checks: ReadonlyMap<string, Check>;
  /** By constraint. */
  foreign_keys: ReadonlyMap<string, KnownForeignKey>;
  /** The column that a partitioned table is cut by; an empty text for several columns or an expression. */
  partition_key?: string | undefined;
  default_partition?: Relation | undefined;
  /** Its partitions, or the tables that inherit from it. */
  children: readonly Relation[];
}

export interface KnownForeignKey {
  target: Relation;
  columns: readonly string[];
  /** None if they are the target's primary key. */
  target_columns: readonly string[];
}

export interface KnownIndex {
  table: Relation;
  /** Column names; an empty text for an expression. */
  columns: readonly string[];
  /** The columns that its expressions and its condition speak of. */
  mentioned: readonly string[];
  made_in: number | undefined;
}

export interface KnownType {
  made_in: number | undefined;
  made_in_transaction: number;
  /** Of a domain. */
  domain?: { base: ColumnType | undefined; is_constrained: boolean; fallback: Node | undefined };
}

export interface KnownFunction {
  volatility: string;
  arguments: number;
  made_in: number;
  /** Its making, and the text of that: what it runs is read when it is called. */
  statement: CreateFunctionStmt;
  source: string;
}

/** What snapshots know. */
export interface SnapshotFacts {
  column: (relation: Relation, name: string) => Column | undefined;
  /** The columns that a table's indexes and keys are on; `undefined` if the table is not known. */
  indexed: (relation: Relation) => ReadonlySet<string> | undefined;
  /** True if an expression or a condition of one of its indexes names the column. */
  hasExpressionOn: (relation: Relation, column: string) => boolean;
}

/** The schema as the statements so far leave it, as far as they tell. */
export interface Catalog {
  relations: Map<string, Known>;
  indexes: Map<string, KnownIndex>;
  types: Map<string, KnownType>;
  functions: Map<string, readonly KnownFunction[]>;
  /** Schemas by the revision that made them. */
  schemas: Map<string, number>;
  search_path: string;
  time_zone: string | undefined;
  revision: number;
  transaction: number;
  /** Locks of the running transaction: positions in the list of levels. */
  held: Map<string, number>;
  snapshot: SnapshotFacts | undefined;
}

export function emptyCatalog(schema = 'public'): Catalog {
  return {
    relations: new Map(),
    indexes: new Map(),
    types: new Map(),
    functions: new Map(),
    schemas: new Map(),
    search_path: schema,
    time_zone: undefined,
    revision: 0,
    transaction: 0,
    held: new Map(),
    snapshot: undefined,
  };
}

/** The same knowledge once more, to be changed apart. */
export function copyOf(catalog: Catalog): Catalog {
  return {
    ...catalog,
    relations: new Map(catalog.relations),
    indexes: new Map(catalog.indexes),
    types: new Map(catalog.types),
    functions: new Map(catalog.functions),
    schemas: new Map(catalog.schemas),
    held: new Map(),
  };
}

/** Turns the catalog to the next revision: what a session had set, and its temporary tables, are gone. */
export function beginRevision(
  catalog: Catalog,
  { schema, snapshot }: { schema: string; snapshot: SnapshotFacts | undefined },
): Catalog {
  for (const key of catalog.relations.keys()) if (key.startsWith('pg_temp.')) catalog.relations.delete(key);
  catalog.search_path = schema;
  catalog.time_zone = undefined;
  catalog.revision += 1;
  catalog.transaction += 1;
  catalog.held = new Map();
  catalog.snapshot = snapshot;
  return catalog;
}

/** A name as it was written: an unqualified one is of the first schema of the search path, or temporary. */
export function resolve(catalog: Catalog, parts: readonly string[]): Relation {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  if (schema !== undefined) return { schema, name };
  const temporary = { schema: 'pg_temp', name };
  return catalog.relations.has(keyOf(temporary)) ? temporary : { schema: catalog.search_path, name };
}

export function relationOf(catalog: Catalog, range: RangeVar | undefined): Relation {
  return resolve(catalog, partsOf(range ?? {}));
}

/** The tables below a table, as far as they are known. */
export function descendantsOf(catalog: Catalog, relation: Relation): Relation[] {
  const children = catalog.relations.get(keyOf(relation))?.children ?? [];
  return children.flatMap((child) => [child, ...descendantsOf(catalog, child)]);
}

/** The tables whose foreign keys point to it, as far as they are known. */
export function referrersOf(catalog: Catalog, relation: Relation): { relation: Relation; key: KnownForeignKey }[] {
  const target = keyOf(relation);
  return [...catalog.relations.values()].flatMap((known) =>
    [...known.foreign_keys.values()]
      .filter((key) => keyOf(key.target) === target && keyOf(known.relation) !== target)
      .map((key) => ({ relation: known.relation, key })),
  );
}

/** The partitioned tables that it is a partition of. */
export function partitionedOver(catalog: Catalog, relation: Relation): Relation[] {
  return [...catalog.relations.values()]
    .filter(({ partition_key, children }) => partition_key !== undefined && children.some(isSameAs(relation)))
    .map((known) => known.relation);
}

function isSameAs(relation: Relation): (other: Relation) => boolean {
  return (other) => keyOf(other) === keyOf(relation);
}

/** True if it has partitions rather than rows. */
export function isPartitioned(catalog: Catalog, relation: Relation): boolean {
  return catalog.relations.get(keyOf(relation))?.partition_key !== undefined;
}

/** True if no code uses it yet, since this revision makes it. */
export function isNew(catalog: Catalog, relation: Relation): boolean {
  const known = catalog.relations.get(keyOf(relation));
  return relation.schema === 'pg_temp' || known?.made_in === catalog.revision || isNewSchema(catalog, relation.schema);
}

/** True if this revision makes the schema. */
export function isNewSchema(catalog: Catalog, schema: string): boolean {
  return catalog.schemas.get(schema) === catalog.revision;
}

export function columnOf(catalog: Catalog, relation: Relation, name: string): Column | undefined {
  const known = catalog.relations.get(keyOf(relation));
  return known?.columns.get(name) ?? (known?.is_whole === true ? undefined : catalog.snapshot?.column(relation, name));
}

/** Changes what is known of a relation; of one that is not known it knows that much from now on. */
export function change(catalog: Catalog, relation: Relation, changed: (known: Known) => Partial<Known>): void {
  const key = keyOf(relation);
  const known = catalog.relations.get(key) ?? { ...UNKNOWN, relation };
  catalog.relations.set(key, { ...known, ...changed(known) });
}

/** A copy of a map with an entry set, or taken out if the value is `undefined`. */
export function withEntry<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value | undefined,
): Map<string, Value> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

const UNKNOWN: Omit<Known, 'relation'> = {
  kind: 'table',
  is_whole: false,
  is_logged: true,
  columns: new Map(),
  checks: new Map(),
  foreign_keys: new Map(),
  children: [],
};
