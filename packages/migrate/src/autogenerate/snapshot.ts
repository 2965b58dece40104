import type { DeclaredObjects } from './objects.ts';

/** The models' state, as drizzle-kit describes it, with what else was declared. */
export interface Snapshot {
  id: string;
  prevIds: string[];
  ddl: Entity[];
  objects?: DeclaredObjects;
}

/** A table, a column, an index …: what drizzle-kit compares. */
export interface Entity {
  entityType: string;
  name: string;
  schema?: string;
  table?: string;
  [property: string]: unknown;
}

/** A new name where another one vanished: is it that one's? The path is schema, table, name, as far as its kind has them. */
export interface Question {
  kind: string;
  entity: readonly string[];
}

/** The path of the old name, or that there is none. */
export type Answer = { renamed_from: readonly string[] } | 'created';
