import { sql } from 'drizzle-orm';
import {
  bigint,
  bytea,
  char,
  cidr,
  customType,
  date,
  doublePrecision,
  inet,
  integer,
  interval,
  json,
  jsonb,
  macaddr,
  numeric,
  pgEnum,
  pgTable,
  point,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const id = integer().primaryKey();
const citext = customType<{ data: string }>({ dataType: () => 'citext' });
const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });
const mood = pgEnum('mood', ['sad', 'glad']);

/** Changes of a column's type, arrays, jsonb, enums. */
export const typeChanges: readonly Change[] = [
  {
    name: 'integer to bigint',
    before: { t: pgTable('t', { id, n: integer() }) },
    after: { t: pgTable('t', { id, n: bigint({ mode: 'number' }) }) },
    rows: 'insert into t values (1, 5)',
    // The driver hands a bigint on as text; the value is the same.
  },
  {
    name: 'integer with a default to bigint with another',
    before: { t: pgTable('t', { id, n: integer().notNull().default(1) }) },
    after: { t: pgTable('t', { id, n: bigint({ mode: 'number' }).notNull().default(2) }) },
    rows: 'insert into t values (1, 5)',
  },
  {
    name: 'smallint to integer',
    before: { t: pgTable('t', { id, n: smallint() }) },
    after: { t: pgTable('t', { id, n: integer() }) },
    rows: 'insert into t values (1, 5)',
  },
  {
    name: 'varchar to text',
    before: { t: pgTable('t', { id, s: varchar({ length: 20 }) }) },
    after: { t: pgTable('t', { id, s: text() }) },
    rows: `insert into t values (1, 'word')`,
  },
  {
    name: 'longer varchar',
    before: { t: pgTable('t', { id, s: varchar({ length: 20 }) }) },
    after: { t: pgTable('t', { id, s: varchar({ length: 200 }) }) },
    rows: `insert into t values (1, 'word')`,
  },
  {
    name: 'text to integer',
    before: { t: pgTable('t', { id, s: text() }) },
    after: { t: pgTable('t', { id, s: integer() }) },
    rows: `insert into t values (1, '12')`,
  },
  {
    name: 'text to uuid',
    before: { t: pgTable('t', { id, s: text() }) },
    after: { t: pgTable('t', { id, s: uuid() }) },
    rows: `insert into t values (1, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')`,
  },
  {
    name: 'text to an enum',
    before: { mood, t: pgTable('t', { id, s: text().default('sad') }) },
    after: { mood, t: pgTable('t', { id, s: mood().default('sad') }) },
    rows: `insert into t values (1, 'glad')`,
  },
  {
    name: 'text to text array',
    before: { t: pgTable('t', { id, s: text() }) },
    after: { t: pgTable('t', { id, s: text().array() }) },
    rows: `insert into t values (1, null)`,
  },
  {
    name: 'json to jsonb',
    before: { t: pgTable('t', { id, s: json() }) },
    after: { t: pgTable('t', { id, s: jsonb() }) },
    rows: `insert into t values (1, '{"a": 1}')`,
  },
  {
    name: 'jsonb default',
    before: { t: pgTable('t', { id, s: jsonb().notNull().default({}) }) },
    after: {
      t: pgTable('t', {
        id,
        s: jsonb()
          .notNull()
          .default({ a: ["it's"] }),
      }),
    },
    rows: 'insert into t values (1)',
  },
  {
    name: 'array with a default',
    before: { t: pgTable('t', { id }) },
    after: { t: pgTable('t', { id, tags: text().array().notNull().default(['a', 'b c']) }) },
    rows: 'insert into t values (1)',
  },
  {
    name: 'numeric precision',
    before: { t: pgTable('t', { id, n: numeric({ precision: 8, scale: 2 }) }) },
    after: { t: pgTable('t', { id, n: numeric({ precision: 14, scale: 4 }) }) },
    rows: 'insert into t values (1, 12.34)',
  },
  {
    name: 'timestamp to timestamptz',
    before: { t: pgTable('t', { id, at: timestamp() }) },
    after: { t: pgTable('t', { id, at: timestamp({ withTimezone: true }) }) },
    rows: `insert into t values (1, '2026-01-02 03:04:05')`,
  },
  {
    name: 'custom types',
    given: 'create extension if not exists citext',
    before: { t: pgTable('t', { id, s: text() }) },
    after: {
      t: pgTable('t', { id, s: citext(), search: tsvector().generatedAlwaysAs(sql`to_tsvector('simple', s::text)`) }),
    },
    rows: `insert into t values (1, 'Word')`,
  },
  {
    name: 'a table with every common type',
    before: { mood },
    after: {
      mood,
      t: pgTable('t', {
        id,
        a: smallint().default(-1),
        b: real(),
        c: doublePrecision().default(1.5),
        d: char({ length: 3 }).default('abc'),
        e: time(),
        f: interval(),
        g: inet(),
        h: cidr(),
        i: macaddr(),
        j: point(),
        k: bytea(),
        l: date().defaultNow(),
        m: integer().array(),
        n: mood().notNull().default('glad'),
        o: mood().array(),
        p: numeric().default('0'),
        q: timestamp({ withTimezone: true, precision: 3 }).defaultNow(),
        r: varchar({ length: 5 }).array().default([]),
      }),
    },
  },
  { name: 'create an enum', before: {}, after: { mood } },
  { name: 'drop an enum', before: { mood }, after: {} },
  {
    name: 'add an enum value at the end',
    before: { mood, t: pgTable('t', { id, m: mood().default('sad') }) },
    after: (() => {
      const more = pgEnum('mood', ['sad', 'glad', 'calm']);
      return { more, t: pgTable('t', { id, m: more().default('sad') }) };
    })(),
    rows: `insert into t values (1, 'glad')`,
  },
  {
    name: 'add an enum value in the middle',
    before: { mood, t: pgTable('t', { id, m: mood() }) },
    after: (() => {
      const more = pgEnum('mood', ['sad', 'calm', 'glad']);
      return { more, t: pgTable('t', { id, m: more() }) };
    })(),
    rows: `insert into t values (1, 'glad')`,
  },
  {
    name: 'remove an enum value',
    before: (() => {
      const more = pgEnum('mood', ['sad', 'calm', 'glad']);
      return { more, t: pgTable('t', { id, m: more().default('sad') }) };
    })(),
    after: { mood, t: pgTable('t', { id, m: mood().default('sad') }) },
    rows: `insert into t values (1, 'glad')`,
  },
  {
    name: 'rename an enum value',
    before: { mood, t: pgTable('t', { id, m: mood().default('glad') }) },
    after: (() => {
      const other = pgEnum('mood', ['sad', 'happy']);
      return { other, t: pgTable('t', { id, m: other().default('happy') }) };
    })(),
    rename: ['mood.glad:happy'],
    rows: `insert into t values (1, 'glad')`,
  },
  {
    name: 'rename an enum',
    before: { mood, t: pgTable('t', { id, m: mood() }) },
    after: (() => {
      const temper = pgEnum('temper', ['sad', 'glad']);
      return { temper, t: pgTable('t', { id, m: temper() }) };
    })(),
    rename: ['mood:temper'],
    rows: `insert into t values (1, 'glad')`,
  },
];
