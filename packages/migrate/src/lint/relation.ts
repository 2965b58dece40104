import type { RangeVar } from '@libpg-query/parser';

/** A table, view, index or sequence. */
export interface Relation {
  schema: string;
  name: string;
}

/** The part of a name that only the run of a program knows. */
export const UNKNOWN_NAME = '…';
const NEEDS_QUOTES = /[^a-z0-9_$]|^[^a-z_]/;

/** One text for one relation. */
export function keyOf({ schema, name }: Relation): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** As a person writes it: without the schema that needs no saying. */
export function displayOf({ schema, name }: Relation): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}

/** As SQL needs it. */
export function sqlOf({ schema, name }: Relation): string {
  return schema === 'public' ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

/** A name with quotes if it needs them. */
export function quoted(name: string): string {
  return name === UNKNOWN_NAME || !NEEDS_QUOTES.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The parts of a written name. */
export function partsOf({ schemaname, relname }: RangeVar): string[] {
  return schemaname === undefined ? [relname ?? ''] : [schemaname, relname ?? ''];
}
