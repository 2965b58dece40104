import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  check,
  foreignKey,
  index,
  integer,
  json,
  pgEnum,
  pgPolicy,
  pgSchema,
  pgSequence,
  pgTable,
  text,
  unique,
  varchar,
} from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const id = integer().primaryKey();

/** Names that need their quotes, and as long as PostgreSQL allows. */
const NAMES: Readonly<Record<string, string>> = {
  'a quote': 'q"q',
  'two quotes': '"',
  'a single quote': "it's",
  'a dot and a blank': 'a.b c',
  'capitals and a keyword': 'Order',
  umlauts: 'größe',
  'another script': '大きさ',
  'an emoji': 'x😀',
  'a dollar and a percent': '$1%s',
  'a backslash': 'a\\b',
  'a semicolon and a comment': 'a;--/*',
  '63 bytes': 'x'.repeat(63),
};

const TEXTS: readonly string[] = [
  'C:\\temp',
  '\\',
  `it's`,
  'a\tb',
  'a\nb',
  '"',
  '$$',
  'é😀',
  'a;--',
  '{a,b}',
  "\\'",
  '?',
  '%s',
  '--',
];

/** Names of any length and letter, and texts that must not change on their way. */
export const nameChanges: readonly Change[] = [
  ...Object.entries(NAMES).flatMap(([what, name]) => [
    {
      name: `names with ${what}: a table with everything`,
      before: {},
      after: everything(name),
    },
    {
      name: `names with ${what}: change a column and rename it`,
      before: { t: pgTable(name, { id, [name]: text() }) },
      after: { t: pgTable(name, { id, other: varchar({ length: 90 }).default('x') }) },
      rename: [`${name}.${name}:other`],
      rows: `insert into "${name.replaceAll('"', '""')}" values (1, 'a')`,
    },
  ]),
  {
    name: 'defaults of every text',
    before: { t: pgTable('t', { id }) },
    after: {
      t: pgTable('t', {
        id,
        ...Object.fromEntries(TEXTS.map((value, position) => [`t${position}`, text().notNull().default(value)])),
        ...Object.fromEntries(TEXTS.map((value, position) => [`v${position}`, varchar({ length: 20 }).default(value)])),
        ...Object.fromEntries(TEXTS.map((value, position) => [`j${position}`, json().default({ value })])),
        ...Object.fromEntries(TEXTS.map((value, position) => [`a${position}`, text().array().default([value, 'x'])])),
      }),
    },
    rows: 'insert into t values (1)',
  },
  {
    name: 'enum values of every text',
    before: { t: pgTable('t', { id, e: pgEnum('e', ['x'])() }) },
    after: { t: pgTable('t', { id, e: pgEnum('e', ['x', ...TEXTS])() }) },
    rows: `insert into t values (1, 'x')`,
  },
  {
    name: 'an enum that only a column uses',
    before: {},
    after: { t: pgTable('t', { id, st: pgEnum('loan_status', ['open'])().notNull() }) },
  },
  {
    name: 'an array of an enum that only a column uses, in a schema that nobody registered',
    before: {},
    after: {
      t: pgSchema('lending').table('t', {
        id,
        st: pgSchema('lending').enum('loan_status', ['open'])().array().notNull(),
      }),
    },
  },
];

function everything(name: string): Record<string, unknown> {
  const mood = pgEnum(name, ['a', name.slice(0, 20)]);
  // drizzle-kit cannot read a schema with an apostrophe: a revision with one is refused.
  const schema = pgSchema(`${name.replaceAll("'", '').slice(0, 20)} s`);
  const short = name.slice(0, 50);
  const sequence = pgSequence(`${short} seq`);
  const t = pgTable(`${short} t`, { id, [name]: integer(name), state: mood().notNull().default('a') }, (columns) => {
    const column = columns[name] as AnyPgColumn;
    return [
      index(`${short} idx`).on(column),
      unique(`${short} key`).on(column, columns.id),
      check(`${short} check`, sql`${column} > 0`),
      foreignKey({ name: `${short} fkey`, columns: [column], foreignColumns: [columns.id as AnyPgColumn] }),
      pgPolicy(`${short} policy`, { for: 'select', to: 'public', using: sql`true` }),
    ];
  });
  return { mood, schema, sequence, t, u: schema.table(name, { id, state: mood() }) };
}
