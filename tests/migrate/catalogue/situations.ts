import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  bigserial,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgPolicy,
  pgSchema,
  pgSequence,
  pgTable,
  pgView,
  primaryKey,
  serial,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const id = integer().primaryKey();
const long = 'ü'.repeat(31);
const f = (body: string, returns = 'integer', name = 'f'): { create: string; drop: string } => ({
  create: `CREATE FUNCTION ${name}() RETURNS ${returns} LANGUAGE sql IMMUTABLE AS $$ select ${body} $$`,
  drop: `DROP FUNCTION ${name}()`,
});
const trigger = (on: string, body = 'return new;'): Record<string, { create: string; drop: string }> => ({
  touch: {
    create: `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ begin ${body} end $$`,
    drop: 'DROP FUNCTION touch()',
  },
  touched: {
    create: `CREATE TRIGGER touched BEFORE INSERT ON ${on} FOR EACH ROW EXECUTE FUNCTION touch()`,
    drop: `DROP TRIGGER touched ON ${on}`,
  },
});
const app = pgSchema('app x');
const mood = (...values: [string, ...string[]]) => pgEnum('mood', values);
const moody = (...values: [string, ...string[]]): Record<string, unknown> => {
  const type = mood(...values);
  return {
    type,
    t: pgTable('t', {
      id,
      m: type()
        .notNull()
        .default(values[0] as never),
    }),
  };
};

/** Situations in which several things depend on what changes. */
export const situationChanges: readonly Change[] = [
  {
    name: 'a table of 62 bytes of letters beyond ASCII, renamed, with an identity',
    before: { t: pgTable(long, { id: integer().primaryKey().generatedAlwaysAsIdentity(), up: integer() }) },
    after: { t: pgTable('t', { id: integer().primaryKey().generatedAlwaysAsIdentity(), up: integer() }) },
    rename: [`${long}:t`],
    rows: `insert into "${long}" (up) values (1)`,
  },
  {
    name: 'a self reference added and its table renamed',
    before: { t: pgTable('t', { id, up: integer() }) },
    after: (() => {
      const n = pgTable('n', { id, up: integer().references((): AnyPgColumn => n.id) });
      return { n };
    })(),
    rename: ['t:n'],
    rows: 'insert into t values (1, 1), (2, 1)',
  },
  {
    name: 'two tables that point to each other, made and taken away',
    before: { x: pgTable('x', { id }) },
    after: (() => {
      const a = pgTable('a', { id, b: integer().references((): AnyPgColumn => b.id) });
      const b = pgTable('b', { id, a: integer().references((): AnyPgColumn => a.id) });
      return { x: pgTable('x', { id }), a, b };
    })(),
  },
  {
    name: 'two tables that point to each other, key types changed',
    before: (() => {
      const a = pgTable('a', { id, b: integer().references((): AnyPgColumn => b.id) });
      const b = pgTable('b', { id, a: integer().references((): AnyPgColumn => a.id) });
      return { a, b };
    })(),
    after: (() => {
      const a = pgTable('a', {
        id: bigint({ mode: 'number' }).primaryKey(),
        b: bigint({ mode: 'number' }).references((): AnyPgColumn => b.id),
      });
      const b = pgTable('b', {
        id: bigint({ mode: 'number' }).primaryKey(),
        a: bigint({ mode: 'number' }).references((): AnyPgColumn => a.id),
      });
      return { a, b };
    })(),
    rows: 'insert into a values (1, null); insert into b values (1, 1); update a set b = 1',
  },
  {
    name: 'a generated column whose source changes its type',
    before: { t: pgTable('t', { id, a: integer(), g: integer().generatedAlwaysAs(sql`a * 2`) }) },
    after: { t: pgTable('t', { id, a: bigint({ mode: 'number' }), g: integer().generatedAlwaysAs(sql`a * 2`) }) },
    rows: 'insert into t values (1, 4)',
    moves: true,
  },
  {
    name: 'a generated column whose source gets another name',
    before: { t: pgTable('t', { id, a: integer(), g: integer().generatedAlwaysAs(sql`a * 2`) }) },
    after: { t: pgTable('t', { id, z: integer(), g: integer().generatedAlwaysAs(sql`z * 2`) }) },
    rename: ['t.a:z'],
    rows: 'insert into t values (1, 4)',
  },
  {
    name: 'a column that a view, an index and a check read changes its type',
    before: (() => {
      const t = pgTable('t', { id, a: integer().notNull().default(1) }, (c) => [
        index('i').on(c.a),
        check('k', sql`${c.a} > 0`),
      ]);
      return {
        t,
        v: pgView('v').as((q) => q.select({ a: t.a }).from(t)),
        w: pgView('w', { a: integer() }).as(sql`select a from v where a > 0`),
      };
    })(),
    after: (() => {
      const t = pgTable('t', { id, a: numeric().notNull().default('1') }, (c) => [
        index('i').on(c.a),
        check('k', sql`${c.a} > 0`),
      ]);
      return {
        t,
        v: pgView('v').as((q) => q.select({ a: t.a }).from(t)),
        w: pgView('w', { a: numeric() }).as(sql`select a from v where a > 0`),
      };
    })(),
    rows: 'insert into t values (1, 4)',
  },
  {
    name: 'a column that a policy reads gets another name',
    before: { t: pgTable('t', { id, owner: text() }, () => [pgPolicy('p', { using: sql`owner = current_user` })]) },
    after: { t: pgTable('t', { id, keeper: text() }, () => [pgPolicy('p', { using: sql`keeper = current_user` })]) },
    rename: ['t.owner:keeper'],
    rows: `insert into t values (1, 'x')`,
  },
  {
    name: 'a column that a policy reads changes its type',
    before: { t: pgTable('t', { id, owner: text() }, () => [pgPolicy('p', { using: sql`owner is not null` })]) },
    after: {
      t: pgTable('t', { id, owner: varchar({ length: 80 }) }, () => [pgPolicy('p', { using: sql`owner is not null` })]),
    },
    rows: `insert into t values (1, 'x')`,
  },
  {
    name: 'a function that a default, an index and a check use changes its body',
    before: { t: pgTable('t', { id, a: integer().default(sql`f()`) }, () => [check('k', sql`a <> f() + 100`)]) },
    after: { t: pgTable('t', { id, a: integer().default(sql`f()`) }, () => [check('k', sql`a <> f() + 100`)]) },
    objects: { before: { f: f('1') }, after: { f: f('2') } },
    rows: 'insert into t values (1)',
  },
  {
    name: 'a function that a default uses comes and goes with it',
    before: { t: pgTable('t', { id, a: integer() }) },
    after: { t: pgTable('t', { id, a: integer().default(sql`f()`) }) },
    objects: { before: {}, after: { f: f('1') } },
    rows: 'insert into t values (1)',
  },
  {
    name: 'a trigger on a table that is renamed',
    before: { t: pgTable('t', { id, a: integer() }) },
    after: { n: pgTable('n', { id, a: integer() }) },
    objects: { before: trigger('t'), after: trigger('n') },
    rename: ['t:n'],
    rows: 'insert into t values (1)',
  },
  {
    name: 'a trigger function that reads a column which changes its name',
    before: { t: pgTable('t', { id, a: integer() }) },
    after: { t: pgTable('t', { id, z: integer() }) },
    objects: { before: trigger('t', 'new.a := 1; return new;'), after: trigger('t', 'new.z := 1; return new;') },
    rename: ['t.a:z'],
    rows: 'insert into t values (1)',
  },
  {
    name: 'serial to identity',
    before: { t: pgTable('t', { id: serial().primaryKey(), a: text() }) },
    after: { t: pgTable('t', { id: integer().primaryKey().generatedByDefaultAsIdentity(), a: text() }) },
    rows: `insert into t (a) values ('x'), ('y')`,
  },
  {
    name: 'serial to bigserial in a renamed table',
    before: { t: pgTable('t', { id: serial().primaryKey(), a: text() }) },
    after: { n: pgTable('n', { id: bigserial({ mode: 'number' }).primaryKey(), a: text() }) },
    rename: ['t:n'],
    rows: `insert into t (a) values ('x'), ('y')`,
  },
  {
    name: 'an identity that another column takes over',
    before: {
      t: pgTable('t', { id: integer().primaryKey().generatedAlwaysAsIdentity(), n: integer().notNull().default(0) }),
    },
    after: { t: pgTable('t', { id, n: integer().notNull().generatedByDefaultAsIdentity() }) },
    rows: 'insert into t default values',
    written: 'a number of its own is taken',
  },
  {
    name: 'a sequence that a default uses, in a schema with a space',
    before: { app, t: app.table('t', { id }) },
    after: {
      app,
      s: app.sequence('s 1', { startWith: 5 }),
      t: app.table('t', { id, n: integer().notNull().default(sql`nextval('"app x"."s 1"')`) }),
    },
    rows: `insert into "app x".t values (1)`,
  },
  {
    name: 'a sequence with another step',
    before: {
      s: pgSequence('s', { startWith: 1, increment: 1 }),
      t: pgTable('t', { id, n: integer().default(sql`nextval('s')`) }),
    },
    after: {
      s: pgSequence('s', { startWith: 1, increment: 5, cache: 2 }),
      t: pgTable('t', { id, n: integer().default(sql`nextval('s')`) }),
    },
    rows: 'insert into t (id) values (1)',
  },
  {
    name: 'an enum value in front of all',
    before: moody('b', 'c'),
    after: moody('a', 'b', 'c'),
    rows: 'insert into t values (1)',
    written: 'it holds the value that goes',
  },
  {
    name: 'enum values in another order',
    before: moody('b', 'c', 'd'),
    after: moody('d', 'b', 'c'),
    rows: 'insert into t values (1)',
  },
  {
    name: 'an enum value taken away that a check, an index and a view name no more',
    before: (() => {
      const type = mood('a', 'b', 'c');
      const t = pgTable('t', { id, m: type() }, (c) => [index('i').on(c.m).where(sql`m <> 'c'`)]);
      return { type, t, v: pgView('v').as((q) => q.select().from(t)) };
    })(),
    after: (() => {
      const type = mood('a', 'b');
      const t = pgTable('t', { id, m: type() }, (c) => [index('i').on(c.m).where(sql`m <> 'b'`)]);
      return { type, t, v: pgView('v').as((q) => q.select().from(t)) };
    })(),
    rows: `insert into t values (1, 'a')`,
  },
  {
    name: 'an enum array with another value',
    before: (() => {
      const type = mood('a');
      return { type, t: pgTable('t', { id, m: type().array().default(['a']) }) };
    })(),
    after: (() => {
      const type = mood('a', 'b');
      return { type, t: pgTable('t', { id, m: type().array().default(['a', 'b']) }) };
    })(),
    rows: 'insert into t values (1)',
    written: 'its default holds the value that goes',
  },
  {
    name: 'a primary key that others point to becomes a pair',
    before: (() => {
      const p = pgTable('p', { id, n: integer().notNull().default(0) });
      return { p, c: pgTable('c', { id, p: integer().references(() => p.id) }) };
    })(),
    after: (() => {
      const p = pgTable('p', { id: integer().notNull(), n: integer().notNull().default(0) }, (c) => [
        primaryKey({ columns: [c.id, c.n] }),
        unique('p_id').on(c.id),
      ]);
      return { p, c: pgTable('c', { id, p: integer().references(() => p.id) }) };
    })(),
    rows: 'insert into p values (1, 1); insert into c values (1, 1)',
  },
  {
    name: 'a unique constraint that a foreign key needs becomes an index',
    before: (() => {
      const p = pgTable('p', { id, n: integer().notNull().unique('u') });
      return { p, c: pgTable('c', { id, p: integer().references(() => p.n) }) };
    })(),
    after: (() => {
      const p = pgTable('p', { id, n: integer().notNull() }, (c) => [uniqueIndex('u').on(c.n)]);
      return { p, c: pgTable('c', { id, p: integer().references(() => p.n) }) };
    })(),
    rows: 'insert into p values (1, 1); insert into c values (1, 1)',
  },
  {
    name: 'a table moves to another schema with what points to it',
    before: (() => {
      const p = pgTable('p', { id });
      return { p, c: pgTable('c', { id, p: integer().references(() => p.id) }) };
    })(),
    after: (() => {
      const other = pgSchema('other');
      const p = other.table('p', { id });
      return { other, p, c: pgTable('c', { id, p: integer().references(() => p.id) }) };
    })(),
    rename: ['p:other.p'],
    rows: 'insert into p values (1); insert into c values (1, 1)',
  },
  {
    name: 'columns that change places of names',
    before: { t: pgTable('t', { id, a: text(), b: integer() }) },
    after: { t: pgTable('t', { id, a: integer(), b: text() }) },
    loses: 'neither is the other: the values go',
    create: ['t.a', 't.b'],
    rows: `insert into t values (1, '7', 8)`,
  },
  {
    name: 'a not-null column with a default in a table with rows, behind a view of everything',
    before: (() => {
      const t = pgTable('t', { id, a: text() });
      return { t, v: pgView('v').as((q) => q.select().from(t)) };
    })(),
    after: (() => {
      const t = pgTable('t', { id, a: text(), b: boolean().notNull().default(false) });
      return { t, v: pgView('v').as((q) => q.select().from(t)) };
    })(),
    rows: `insert into t values (1, 'x')`,
  },
  {
    name: 'a composite type that a declared function takes',
    before: { t: pgTable('t', { id }) },
    after: { t: pgTable('t', { id, p: jsonb().default({}) }) },
    objects: {
      before: {},
      after: {
        pair: { create: 'CREATE TYPE pair AS (a integer, b text)', drop: 'DROP TYPE pair' },
        first: {
          create: 'CREATE FUNCTION first(p pair) RETURNS integer LANGUAGE sql AS $$ select (p).a $$',
          drop: 'DROP FUNCTION first(pair)',
        },
      },
    },
    rows: 'insert into t values (1)',
  },
  {
    name: 'a check that calls a function with a quote in its text',
    before: { t: pgTable('t', { id, a: text() }) },
    after: {
      t: pgTable('t', { id, a: text().default(`it's`) }, () => [check(`it's "k"`, sql`a <> 'a''b' and a <> E'\\n'`)]),
    },
    rows: `insert into t values (1, 'x')`,
  },
  {
    name: 'timestamp to timestamptz with an index on an expression of it',
    before: { t: pgTable('t', { id, at: timestamp() }, () => [index('i').on(sql`date_trunc('day', at)`)]) },
    after: {
      t: pgTable('t', { id, at: timestamp({ withTimezone: true }) }, () => [
        index('i').on(sql`date_trunc('day', at at time zone 'UTC')`),
      ]),
    },
    rows: `insert into t values (1, '2026-01-02 03:04:05')`,
  },
  {
    name: 'uuid keys with a foreign key of two columns, one renamed',
    before: (() => {
      const p = pgTable('p', { a: uuid().notNull(), b: uuid().notNull() }, (c) => [
        primaryKey({ name: 'p_pk', columns: [c.a, c.b] }),
      ]);
      return {
        p,
        c: pgTable('c', { id, a: uuid(), b: uuid() }, (c) => [
          foreignKey({ name: 'c_fk', columns: [c.a, c.b], foreignColumns: [p.a, p.b] }),
        ]),
      };
    })(),
    after: (() => {
      const p = pgTable('p', { a: uuid().notNull(), z: uuid().notNull() }, (c) => [
        primaryKey({ name: 'p_pk', columns: [c.a, c.z] }),
      ]);
      return {
        p,
        c: pgTable('c', { id, a: uuid(), b: uuid() }, (c) => [
          foreignKey({ name: 'c_fk', columns: [c.a, c.b], foreignColumns: [p.a, p.z] }),
        ]),
      };
    })(),
    rename: ['p.b:z'],
  },
];
