import { and, type Column, eq, gte, lt, type SQL, sql } from 'drizzle-orm';

/** A column that must equal the given value, or the condition that a value means. */
type Filter = Column | ((value: never) => SQL | undefined);

type ValueOf<F> = F extends (value: infer V) => unknown ? V : F extends Column ? F['_']['data'] : never;

/**
 * The condition of all filters that a request gives; without one it is `undefined`, which is no condition:
 * `matches({ status: notes.status, due_before: isBefore(notes.due_at), search: contains(notes.title) }, request)`
 */
export function matches<F extends Record<string, Filter>>(
  filters: F,
  given: { [K in keyof F]?: ValueOf<F[K]> | undefined },
): SQL | undefined {
  const conditions = Object.entries(filters).map(([name, filter]) => {
    const value = given[name];
    if (value === undefined) return undefined;
    // `given` has the filter's own type of value.
    return typeof filter === 'function' ? (filter as (value: unknown) => SQL | undefined)(value) : eq(filter, value);
  });
  return and(...conditions);
}

/** From the given value on. */
export function isFrom(column: Column): (value: string) => SQL {
  return (value) => gte(column, value);
}

/** Before the given value. */
export function isBefore(column: Column): (value: string) => SQL {
  return (value) => lt(column, value);
}

/** The text begins with the given one; an index with `text_pattern_ops` serves it. */
export function startsWith(column: Column): (value: string) => SQL {
  return (value) => sql`${column} like ${`${likeLiteral(value)}%`}`;
}

/** The text contains the given one, in any case; it reads every row that the other conditions leave. */
export function contains(text: Column | SQL): (value: string) => SQL {
  return (value) => sql`${text} ilike ${`%${likeLiteral(value)}%`}`;
}

/** Every word of the given text begins a word of the column or expression; an index on its `to_tsvector('simple', …)` serves it. */
export function hasWords(text: Column | SQL): (value: string) => SQL {
  return (value) => sql`to_tsvector('simple', ${text}) @@ to_tsquery('simple', ${prefixes(value)})`;
}

/** Escapes what LIKE reads as a pattern. */
function likeLiteral(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

/** The words of a search: what is neither letter nor digit only parts them. */
export function wordsIn(text: string): string[] {
  return text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/** `'du':* & 'mes':*`. No word finds nothing. */
function prefixes(text: string): string {
  return wordsIn(text)
    .map((word) => `'${word}':*`)
    .join(' & ');
}
