import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  char,
  check,
  date,
  foreignKey,
  index,
  integer,
  interval,
  jsonb,
  numeric,
  pgEnum,
  pgMaterializedView,
  pgPolicy,
  pgSchema,
  pgSequence,
  pgTable,
  pgView,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const id = integer().primaryKey();
const mood = pgEnum('mood', ['sad', 'glad']);
const temper = pgEnum('temper', ['sad', 'glad']);

/** A table `t` whose column `c` becomes another one. */
function column(name: string, before: object, after: object, rest: Partial<Change> = {}): Change {
  const table = (c: object) => ({ t: pgTable('t', { id, c: c as never }) });
  return { name, before: table(before), after: table(after), ...rest };
}

/** Types that PostgreSQL does not convert by itself, or not with the default. */
const typeChanges: readonly Change[] = [
  column('bigint to integer', bigint({ mode: 'number' }).default(7), integer().default(7), {
    rows: 'insert into t values (1, 5)',
  }),
  column('integer to smallint under an index', integer(), smallint(), { rows: 'insert into t values (1, 5)' }),
  column('text to date', text(), date(), { rows: `insert into t values (1, '2026-01-02')` }),
  column(
    'text to timestamptz with a default',
    text().default('2026-01-02'),
    timestamp({ withTimezone: true }).defaultNow(),
    {
      rows: `insert into t values (1, '2026-01-02 03:04:05+00')`,
      loses: 'a text of a moment is written in another form',
    },
  ),
  column('boolean to integer with a default', boolean().notNull().default(true), integer().notNull().default(1), {
    rows: 'insert into t values (1, true), (2, false)',
  }),
  column('integer to boolean with a default', integer().notNull().default(0), boolean().notNull().default(false), {
    rows: 'insert into t values (1, 0), (2, 1)',
  }),
  column('uuid to text with a default', uuid().notNull().defaultRandom(), text().notNull().default('none'), {
    rows: `insert into t values (1, '00000000-0000-4000-8000-000000000001')`,
    written: 'a text is no uuid',
  }),
  column('timestamptz to date', timestamp({ withTimezone: true }), date(), {
    rows: `insert into t values (1, '2026-01-02 03:04:05+00')`,
    loses: 'the time of the day',
  }),
  column('numeric to integer', numeric({ precision: 8, scale: 2 }).default('1.50'), integer().default(1), {
    rows: 'insert into t values (1, 12.34)',
    loses: 'what is behind the point',
  }),
  column('a shorter varchar', varchar({ length: 20 }), varchar({ length: 5 }), {
    rows: `insert into t values (1, 'word')`,
  }),
  column('char to varchar', char({ length: 3 }).default('abc'), varchar({ length: 3 }).default('abc'), {
    rows: `insert into t values (1, 'xyz')`,
  }),
  column('interval to text', interval(), text(), {
    rows: `insert into t values (1, '1 day')`,
    written: 'a text is no interval',
  }),
  column('text to jsonb with a default', text().notNull().default('{}'), jsonb().notNull().default({}), {
    rows: `insert into t values (1, '{"a": 1}')`,
  }),
  column('jsonb to text', jsonb(), text(), {
    rows: `insert into t values (1, '{"a": 1}')`,
    written: 'a text is no JSON',
  }),
  column('integer array to text array', integer().array(), text().array(), {
    rows: `insert into t values (1, '{1,2}')`,
  }),
  column(
    'numeric to double precision under a default',
    numeric().default('0.5'),
    numeric({ precision: 10, scale: 3 }).default('0.25'),
    {
      rows: 'insert into t values (1, 12.5)',
    },
  ),
];

const enumChanges: readonly Change[] = [
  {
    name: 'an enum to another one of the same values, with a default',
    before: { mood, temper, t: pgTable('t', { id, c: mood().notNull().default('sad') }) },
    after: { mood, temper, t: pgTable('t', { id, c: temper().notNull().default('glad') }) },
    rows: `insert into t values (1, 'glad')`,
  },
  {
    name: 'two columns swap their enums',
    before: { mood, temper, t: pgTable('t', { id, a: mood(), b: temper() }) },
    after: { mood, temper, t: pgTable('t', { id, a: temper(), b: mood() }) },
    rows: `insert into t values (1, 'glad', 'sad')`,
  },
  {
    name: 'rename an enum value that a default, a check and a partial index name',
    before: { mood, t: withMood(mood, 'glad') },
    after: (() => {
      const other = pgEnum('mood', ['sad', 'happy']);
      return { other, t: withMood(other as never, 'happy') };
    })(),
    rename: ['mood.glad:happy'],
    rows: `insert into t values (1, 'glad')`,
  },
  {
    name: 'rename an enum under a default and an array of it',
    before: { mood, t: pgTable('t', { id, m: mood().default('sad'), all: mood().array().default(['sad']) }) },
    after: (() => {
      const spirit = pgEnum('spirit', ['sad', 'glad']);
      return { spirit, t: pgTable('t', { id, m: spirit().default('sad'), all: spirit().array().default(['sad']) }) };
    })(),
    rename: ['mood:spirit'],
    rows: `insert into t values (1, 'glad', '{sad,glad}')`,
  },
  {
    name: 'add an enum value and make it the default at once',
    before: { mood, t: pgTable('t', { id, m: mood().notNull().default('sad') }) },
    after: (() => {
      const more = pgEnum('mood', ['sad', 'glad', 'calm']);
      return { more, t: pgTable('t', { id, m: more().notNull().default('calm') }) };
    })(),
    rows: `insert into t values (1, 'glad')`,
    written: 'the value goes again',
  },
  {
    name: 'add an enum value in front and a check of it',
    before: { mood, t: pgTable('t', { id, m: mood() }) },
    after: (() => {
      const more = pgEnum('mood', ['calm', 'sad', 'glad']);
      return {
        more,
        t: pgTable('t', { id, m: more() }, (t) => [check('m_check', sql`${t.m} <> 'calm' or ${t.id} > 0`)]),
      };
    })(),
    rows: `insert into t values (1, 'glad')`,
    written: 'the value goes again',
  },
];

const keyChanges: readonly Change[] = [
  {
    name: 'drop a column of a unique constraint, an index and a check',
    before: {
      t: pgTable('t', { id, a: integer(), b: integer() }, (t) => [
        unique('t_a_b').on(t.a, t.b),
        index('t_b').on(t.b),
        check('t_positive', sql`${t.a} + ${t.b} > 0`),
      ]),
    },
    after: { t: pgTable('t', { id, a: integer() }) },
    rows: 'insert into t values (1, 2, 3)',
    loses: 'the values of the column',
  },
  {
    name: 'drop a column of a composite primary key',
    before: {
      t: pgTable('t', { a: integer(), b: integer() }, (t) => [primaryKey({ name: 't_key', columns: [t.a, t.b] })]),
    },
    after: { t: pgTable('t', { a: integer().primaryKey() }) },
    loses: 'the values of the column',
    written: 'its row has no value of the column',
  },
  {
    name: 'move the primary key to another column that others refer to',
    before: { t: pgTable('t', { id, code: integer().notNull().unique('t_code') }) },
    after: { t: pgTable('t', { id: integer().notNull().unique('t_id'), code: integer().primaryKey() }) },
    rows: 'insert into t values (1, 2)',
  },
  {
    name: 'a foreign key to another table under its name',
    before: pointing('a'),
    after: pointing('b'),
    rows: 'insert into a values (1); insert into b values (1); insert into t values (1, 1)',
  },
  {
    name: 'drop a table that a column goes on to name',
    before: (() => {
      const a = pgTable('a', { id });
      return { a, t: pgTable('t', { id, a_id: integer().references(() => a.id) }) };
    })(),
    after: { t: pgTable('t', { id, a_id: integer() }) },
    rows: 'insert into a values (1); insert into t values (1, null)',
    loses: 'the table goes',
    written: 'its row refers to none',
  },
  {
    name: 'a self reference to a column of a unique constraint that is new',
    before: { t: pgTable('t', { id, code: integer() }) },
    after: {
      t: pgTable('t', { id, code: integer().unique('t_code'), parent: integer() }, (t) => [
        foreignKey({ name: 't_parent', columns: [t.parent], foreignColumns: [t.code as AnyPgColumn] }),
      ]),
    },
    rows: 'insert into t values (1, 2)',
  },
];

const indexChanges: readonly Change[] = [
  {
    name: 'an index on an expression with a condition that changes',
    before: {
      t: pgTable('t', { id, s: text() }, (t) => [
        uniqueIndex('t_s').on(sql`lower(${t.s})`).where(sql`${t.s} is not null`),
      ]),
    },
    after: {
      t: pgTable('t', { id, s: text() }, (t) => [uniqueIndex('t_s').on(sql`upper(${t.s})`).where(sql`${t.s} <> ''`)]),
    },
    rows: `insert into t values (1, 'a')`,
  },
  {
    name: 'the method, order and operators of an index',
    before: { t: pgTable('t', { id, s: text() }, (t) => [index('t_s').on(t.s.desc().nullsLast())]) },
    after: {
      t: pgTable('t', { id, s: text() }, (t) => [index('t_s').using('btree', t.s.asc().op('text_pattern_ops'))]),
    },
    rows: `insert into t values (1, 'a')`,
  },
  {
    name: 'a hash index in the place of another',
    before: { t: pgTable('t', { id, s: text() }, (t) => [index('t_s').on(t.s)]) },
    after: { t: pgTable('t', { id, s: text() }, (t) => [index('t_s').using('hash', t.s)]) },
    rows: `insert into t values (1, 'a')`,
  },
];

const objectChanges: readonly Change[] = [
  {
    name: 'a view that comes to check by its caller',
    before: (() => {
      const t = pgTable('t', { id });
      return { t, v: pgView('v').as((query) => query.select().from(t)) };
    })(),
    after: (() => {
      const t = pgTable('t', { id });
      return {
        t,
        v: pgView('v')
          .with({ securityInvoker: true })
          .as((query) => query.select().from(t)),
      };
    })(),
    rows: 'insert into t values (1)',
  },
  {
    name: 'a materialized view of other columns',
    before: (() => {
      const t = pgTable('t', { id, a: integer() });
      return { t, m: pgMaterializedView('m').as((query) => query.select({ id: t.id }).from(t)) };
    })(),
    after: (() => {
      const t = pgTable('t', { id, a: integer() });
      return { t, m: pgMaterializedView('m').as((query) => query.select({ a: t.a, id: t.id }).from(t)) };
    })(),
    rows: 'insert into t values (1, 2)',
  },
  {
    name: 'a policy for all in the place of one for reads',
    before: { t: pgTable('t', { id }, () => [pgPolicy('p', { for: 'select', to: 'public', using: sql`true` })]) },
    after: {
      t: pgTable('t', { id }, () => [
        pgPolicy('p', { for: 'all', to: 'public', using: sql`true`, withCheck: sql`id > 0` }),
      ]),
    },
    rows: 'insert into t values (1)',
  },
  {
    name: 'drop a column that a policy, a view and a generated column read, with them',
    before: (() => {
      const t = pgTable('t', { id, a: integer(), twice: integer().generatedAlwaysAs(sql`a * 2`) }, () => [
        pgPolicy('p', { for: 'select', to: 'public', using: sql`a > 0` }),
      ]);
      return { t, v: pgView('v').as((query) => query.select({ a: t.a }).from(t)) };
    })(),
    after: { t: pgTable('t', { id }) },
    rows: 'insert into t values (1, 2)',
    loses: 'the values of the columns',
  },
  {
    name: 'rename a sequence that a default reads',
    before: { s: pgSequence('s'), t: pgTable('t', { id: integer().primaryKey().default(sql`nextval('s')`) }) },
    after: { s: pgSequence('r'), t: pgTable('t', { id: integer().primaryKey().default(sql`nextval('r')`) }) },
    rename: ['s:r'],
    rows: 'insert into t default values; insert into t default values',
  },
  {
    name: 'a check with quotes, backslashes and a semicolon',
    before: { t: pgTable('t', { id, s: text() }, (t) => [check('c', sql`${t.s} <> ''`)]) },
    after: { t: pgTable('t', { id, s: text() }, (t) => [check('c', sql`${t.s} !~ '^\\d;''--' and ${t.s} <> E'\\n'`)]) },
    rows: `insert into t values (1, 'a')`,
  },
  {
    name: 'move a table and its enum into another schema at once',
    before: (() => {
      const a = pgSchema('a');
      const kind = a.enum('kind', ['x', 'y']);
      return { a, b: pgSchema('b'), kind, t: a.table('t', { id, k: kind().default('x') }) };
    })(),
    after: (() => {
      const b = pgSchema('b');
      const kind = b.enum('kind', ['x', 'y']);
      return { a: pgSchema('a'), b, kind, t: b.table('t', { id, k: kind().default('x') }) };
    })(),
    rename: ['a.t:b.t', 'a.kind:b.kind'],
    rows: `insert into a.t values (1, 'y')`,
  },
];

export const mixedChanges: readonly Change[] = [
  ...typeChanges,
  ...enumChanges,
  ...keyChanges,
  ...indexChanges,
  ...objectChanges,
];

function withMood(type: typeof mood, value: string) {
  return pgTable('t', { id, m: type().default(value as 'glad') }, (t) => [
    check('m_check', sql`${t.m} <> ${sql.raw(`'${value}'`)} or ${t.id} > 0`),
    index('m_partial')
      .on(t.id)
      .where(sql`${t.m} = ${sql.raw(`'${value}'`)}`),
  ]);
}

function pointing(target: 'a' | 'b'): Record<string, unknown> {
  const tables = { a: pgTable('a', { id }), b: pgTable('b', { id }) };
  const t = pgTable('t', { id, other: integer() }, (t) => [
    foreignKey({ name: 't_other', columns: [t.other], foreignColumns: [tables[target].id] }),
  ]);
  return { ...tables, t };
}
