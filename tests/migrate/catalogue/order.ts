import { type SQL, sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgMaterializedView,
  pgPolicy,
  pgTable,
  pgView,
  text,
  uniqueIndex,
  varchar,
} from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const id = integer().primaryKey();
const citext = customType<{ data: string }>({ dataType: () => 'citext' });
const email = customType<{ data: string }>({ dataType: () => 'email' });
const notes = (columns: Parameters<typeof pgTable<'notes', Record<string, never>>>[1] | object = {}) =>
  pgTable('notes', { id, ...(columns as Record<string, never>) });

const extension = { create: 'CREATE EXTENSION IF NOT EXISTS citext', drop: 'DROP EXTENSION citext' };
const domain = { create: `CREATE DOMAIN email AS text CHECK (value <> '')`, drop: 'DROP DOMAIN email' };
const slug = (body: string) => ({
  create: `CREATE FUNCTION slug(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ select ${body} $$`,
  drop: 'DROP FUNCTION slug(text)',
});
const slugOfName = {
  create: 'CREATE FUNCTION slug(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ select lower(name) $$',
  drop: 'DROP FUNCTION slug(text)',
};
const shout = (body: string) => ({
  create: `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ begin ${body}; return new; end $$`,
  drop: 'DROP FUNCTION shout()',
});
const trigger = {
  create: 'CREATE TRIGGER notes_shout BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION shout()',
  drop: 'DROP TRIGGER notes_shout ON notes',
};
const all = {
  create: 'CREATE FUNCTION all_notes() RETURNS SETOF notes LANGUAGE sql STABLE AS $$ select * from notes $$',
  drop: 'DROP FUNCTION all_notes()',
};

/** A table that needs the function everywhere that a table can. */
const slugged = pgTable(
  'notes',
  {
    id,
    body: text().default(sql`slug('Nothing')`),
    loud: text().generatedAlwaysAs(sql`slug(body)`),
  },
  () => [
    check('is_slug', sql`slug(body) is not null`),
    index('notes_slug_idx').on(sql`slug(body)`),
    pgPolicy('slugged', { for: 'select', to: 'public', using: sql`slug(body) <> ''` }),
  ],
);
const sluggedView = pgView('slugs', { slug: text() }).as(sql`select slug(body) as slug from notes`);

/** Things that PostgreSQL holds together: each change has one order in which it runs, both ways. */
export const orderChanges: readonly Change[] = [
  {
    name: 'declare an extension and a column of its type',
    before: {},
    after: { t: pgTable('t', { id, name: citext().notNull() }) },
    objects: { before: {}, after: { extension } },
  },
  {
    name: 'declare an extension for a column that is there',
    before: { t: pgTable('t', { id, name: text() }) },
    after: { t: pgTable('t', { id, name: citext() }) },
    objects: { before: {}, after: { extension } },
    rows: `insert into t values (1, 'Ann')`,
  },
  {
    name: 'declare a domain and a column of it',
    before: { notes: notes() },
    after: { notes: notes({ address: email() }) },
    objects: { before: {}, after: { domain } },
    rows: 'insert into notes values (1)',
  },
  {
    name: 'declare a function that a new table needs',
    before: {},
    after: { slugged, sluggedView },
    objects: { before: {}, after: { slug: slug('lower(value)') } },
  },
  {
    name: 'declare a function that a table comes to need',
    before: { notes: notes({ body: text() }) },
    after: { slugged, sluggedView },
    objects: { before: {}, after: { slug: slug('lower(value)') } },
    rows: `insert into notes values (1, 'One')`,
  },
  {
    name: 'change the body of a function that a table needs',
    before: { slugged, sluggedView },
    after: { slugged, sluggedView },
    objects: { before: { slug: slug('lower(value)') }, after: { slug: slug('upper(value)') } },
    rows: `insert into notes values (1, 'One')`,
  },
  {
    name: 'change the head of a function that a table needs',
    before: { slugged, sluggedView },
    after: { slugged, sluggedView },
    objects: { before: { slug: slug('lower(value)') }, after: { slug: slugOfName } },
    rows: `insert into notes values (1, 'One')`,
    moves: true,
  },
  {
    name: 'change the function of a trigger',
    before: { notes: notes({ body: text() }) },
    after: { notes: notes({ body: text() }) },
    objects: {
      before: { shout: shout('new.body := upper(new.body)'), trigger },
      after: { shout: shout('new.body := lower(new.body)'), trigger },
    },
    rows: `insert into notes values (1, 'One')`,
  },
  {
    name: 'change the table and the function of its trigger',
    before: { notes: notes({ body: text() }) },
    after: { notes: notes({ body: text(), title: text() }) },
    objects: {
      before: { shout: shout('new.body := upper(new.body)'), trigger },
      after: { shout: shout(`new.title := 'x'`), trigger },
    },
    rows: `insert into notes values (1, 'One')`,
  },
  {
    name: 'declare a function that returns the rows of a new table',
    before: {},
    after: { notes: notes({ body: text() }) },
    objects: { before: {}, after: { all } },
  },
  {
    name: 'drop a table and the function that returns its rows',
    before: { notes: notes({ body: text() }) },
    after: {},
    objects: { before: { all }, after: {} },
    rows: `insert into notes values (1, 'One')`,
    loses: 'the table goes',
  },
  {
    name: 'declare a comment before its table in the order given',
    before: {},
    after: { notes: notes({ body: text() }) },
    objects: {
      before: {},
      after: {
        comment: {
          create: `COMMENT ON COLUMN notes.body IS 'it''s "text"'`,
          drop: 'COMMENT ON COLUMN notes.body IS NULL',
        },
        slug: slug('lower(value)'),
        index: { create: 'CREATE INDEX notes_slug_idx ON notes (slug(body))', drop: 'DROP INDEX notes_slug_idx' },
      },
    },
  },
  withEnum('an index with a condition', (t) => [index('open_idx').on(t.id).where(sql`st = 'a'`)]),
  withEnum('a unique index on an expression', (t) => [uniqueIndex('st_idx').on(t.id, sql`(st = 'b')`)]),
  withEnum('a check', () => [check('st_check', sql`st <> 'b' or id > 0`)]),
  withEnum('a policy', () => [pgPolicy('own', { for: 'select', to: 'public', using: sql`st = 'a'` })]),
  {
    name: 'remove an enum value under a view and a view of it',
    before: enumWithViews(['a', 'b', 'c']),
    after: enumWithViews(['a', 'b']),
    rows: `insert into t (id, st) values (1, 'a')`,
  },
  {
    name: 'remove an enum value under a generated column',
    before: enumWithGenerated(['a', 'b', 'c']),
    after: enumWithGenerated(['a', 'b']),
    rows: `insert into t (id, st) values (1, 'a')`,
    moves: true,
  },
  {
    name: 'remove an enum value and a column of it',
    before: (() => {
      const st = pgEnum('st', ['a', 'b', 'c']);
      return { st, t: pgTable('t', { id, st: st().default('a'), old: st().default('b') }) };
    })(),
    after: (() => {
      const st = pgEnum('st', ['a', 'b']);
      return { st, t: pgTable('t', { id, st: st().default('b') }) };
    })(),
    rows: `insert into t (id) values (1)`,
    loses: 'the column goes',
  },
  {
    name: 'remove an enum value and add a column and a table of it',
    before: (() => {
      const st = pgEnum('st', ['a', 'b', 'c']);
      return { st, t: pgTable('t', { id, st: st().default('a') }) };
    })(),
    after: (() => {
      const st = pgEnum('st', ['a', 'b', 'd']);
      const t = pgTable('t', { id, st: st().default('a'), more: st().notNull().default('d') });
      return { st, t, u: pgTable('u', { id, t_id: integer().references(() => t.id), st: st().array() }) };
    })(),
    rows: `insert into t (id) values (1)`,
    rename: [],
    create: ['st.d', 'st.c'],
  },
  {
    name: 'remove an enum value under a declared function, trigger and view',
    before: enumTable(['a', 'b', 'c'], () => []),
    after: enumTable(['a', 'b'], () => []),
    objects: sameObjects({
      isOpen: {
        create: `CREATE FUNCTION is_open(value st) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ select value = 'a' $$`,
        drop: 'DROP FUNCTION is_open(st)',
      },
      touch: shout('new.id := new.id'),
      watch: {
        create: `CREATE TRIGGER watch BEFORE UPDATE ON t FOR EACH ROW WHEN (new.st = 'a') EXECUTE FUNCTION shout()`,
        drop: 'DROP TRIGGER watch ON t',
      },
      open: {
        create: 'CREATE VIEW open_ones AS SELECT id, is_open(st) AS is_open FROM t',
        drop: 'DROP VIEW open_ones',
      },
      words: { create: `COMMENT ON VIEW open_ones IS 'those'`, drop: 'COMMENT ON VIEW open_ones IS NULL' },
      type: { create: `COMMENT ON TYPE st IS 'a state'`, drop: 'COMMENT ON TYPE st IS NULL' },
    }),
    rows: `insert into t (id, st) values (1, 'a')`,
  },
  {
    name: 'a text with a default to a boolean with one',
    before: { t: pgTable('t', { id, flag: text().notNull().default('true') }) },
    after: { t: pgTable('t', { id, flag: boolean().notNull().default(true) }) },
    rows: 'insert into t (id) values (1)',
  },
  {
    name: 'a text with a default to an integer with one, under an index and a check',
    before: {
      t: pgTable('t', { id, n: text().default('1') }, (t) => [
        index('n_idx').on(t.n).where(sql`n <> ''`),
        check('n_check', sql`n <> '0'`),
      ]),
    },
    after: {
      t: pgTable('t', { id, n: integer().default(2) }, (t) => [
        index('n_idx').on(t.n).where(sql`n <> 0`),
        check('n_check', sql`n <> 0`),
      ]),
    },
    rows: 'insert into t (id) values (1)',
  },
  {
    name: 'an integer with a default to a text without one',
    before: { t: pgTable('t', { id, n: integer().default(1) }) },
    after: { t: pgTable('t', { id, n: text() }) },
    rows: 'insert into t (id) values (1)',
  },
  {
    name: 'an enum with a default to a text with another',
    before: enumTable(['a', 'b'], () => []),
    after: { t: pgTable('t', { id, st: text().notNull().default('other') }) },
    rows: 'insert into t (id) values (1)',
    written: 'other is no value of the enum',
  },
  {
    name: 'widen a column under views, a policy, a trigger, a generated column and what is declared',
    before: dependents(varchar({ length: 20 })),
    after: dependents(text()),
    objects: sameObjects({
      shout: shout('new.id := new.id'),
      watch: {
        create: `CREATE TRIGGER watch BEFORE UPDATE OF body ON docs FOR EACH ROW EXECUTE FUNCTION shout()`,
        drop: 'DROP TRIGGER watch ON docs',
      },
      star: { create: 'CREATE VIEW star AS SELECT * FROM docs', drop: 'DROP VIEW star' },
      longest: {
        create: 'CREATE FUNCTION longest() RETURNS integer BEGIN ATOMIC SELECT max(length(body)) FROM docs; END',
        drop: 'DROP FUNCTION longest()',
      },
      index: { create: 'CREATE INDEX doc_bodies_idx ON doc_bodies (id)', drop: 'DROP INDEX doc_bodies_idx' },
      comment: { create: `COMMENT ON VIEW live_docs IS 'alive'`, drop: 'COMMENT ON VIEW live_docs IS NULL' },
    }),
    rows: `insert into docs (id, body) values (1, 'one')`,
    moves: true,
  },
  {
    name: 'drop a column under a view that changes',
    before: (() => {
      const docs = pgTable('docs', { id, body: text(), old: text() });
      return { docs, live: pgView('live').as((q) => q.select({ id: docs.id, old: docs.old }).from(docs)) };
    })(),
    after: (() => {
      const docs = pgTable('docs', { id, body: text() });
      return { docs, live: pgView('live').as((q) => q.select({ id: docs.id, body: docs.body }).from(docs)) };
    })(),
    rows: `insert into docs values (1, 'one', 'old')`,
    rename: [],
    loses: 'the column goes',
  },
  {
    name: 'change a view that another reads',
    before: chain('body'),
    after: chain('upper(body)'),
    rows: `insert into docs values (1, 'one')`,
  },
  { name: 'create views that read each other', before: {}, after: chain('body') },
  {
    name: 'change the type on both sides of a foreign key',
    before: keyed(() => integer()),
    after: keyed(() => text()),
    rows: 'insert into a values (1); insert into b values (1, 1)',
  },
  {
    name: 'widen both sides of a foreign key',
    before: keyed(() => integer()),
    after: keyed(() => bigint({ mode: 'number' })),
    rows: 'insert into a values (1); insert into b values (1, 1)',
  },
  {
    name: 'rename a column under a view, a check, an index and a policy',
    before: renamedUnder('body'),
    after: renamedUnder('content'),
    rename: ['docs.body:content'],
    rows: `insert into docs values (1, 'one')`,
  },
  {
    name: 'rename a column and change its type under a view and a check',
    before: renamedUnder('body'),
    after: renamedUnder('content', varchar({ length: 90 })),
    rename: ['docs.body:content'],
    rows: `insert into docs values (1, 'one')`,
  },
  {
    name: 'rename a table and change the type of a column under a view and a check',
    before: renamedUnder('body'),
    after: renamedUnder('body', varchar({ length: 90 }), 'papers'),
    rename: ['docs:papers'],
    rows: `insert into docs values (1, 'one')`,
  },
];

type Objects = NonNullable<Change['objects']>['before'];

function sameObjects(objects: Objects): NonNullable<Change['objects']> {
  return { before: objects, after: objects };
}

function enumTable(
  values: [string, ...string[]],
  extra: (t: { id: never; st: never }) => never[],
): Record<string, unknown> {
  const st = pgEnum('st', values);
  return { st, t: pgTable('t', { id, st: st().notNull().default('a') }, extra as never) };
}

function withEnum(what: string, extra: (t: { id: never; st: never }) => unknown[]): Change {
  return {
    name: `remove an enum value under ${what}`,
    before: enumTable(['a', 'b', 'c'], extra as never),
    after: enumTable(['a', 'b'], extra as never),
    rows: `insert into t (id, st) values (1, 'a'), (2, 'b')`,
  };
}

function enumWithViews(values: [string, ...string[]]): Record<string, unknown> {
  const st = pgEnum('st', values);
  const t = pgTable('t', { id, st: st().notNull().default('a') });
  const open = pgView('open').as((q) => q.select({ id: t.id, st: t.st }).from(t).where(sql`st = 'a'`));
  const count = pgMaterializedView('count', { n: integer() }).as(sql`select count(*)::int as n from open`);
  return { st, t, open, count };
}

function enumWithGenerated(values: [string, ...string[]]): Record<string, unknown> {
  const st = pgEnum('st', values);
  return {
    st,
    t: pgTable(
      't',
      { id, st: st().notNull().default('a'), is_open: boolean().generatedAlwaysAs(sql`st = 'a'`) },
      (t) => [index('is_open_idx').on(t.is_open)],
    ),
  };
}

function dependents(body: ReturnType<typeof text> | ReturnType<typeof varchar>): Record<string, unknown> {
  const docs = pgTable(
    'docs',
    { id, body: body as ReturnType<typeof text>, size: integer().generatedAlwaysAs(sql`length(body)`) },
    () => [pgPolicy('short', { for: 'select', to: 'public', using: sql`length(body) < 9` })],
  );
  const live = pgView('live_docs').as((q) => q.select({ id: docs.id, body: docs.body }).from(docs));
  const bodies = pgMaterializedView('doc_bodies', { id: integer(), body: text() }).as(
    sql`select id, body::text as body from live_docs`,
  );
  return { docs, live, bodies };
}

function chain(expression: string): Record<string, unknown> {
  const docs = pgTable('docs', { id, body: text() });
  const zero = pgView('zero', { id: integer(), body: text() }).as(
    sql.raw(`select id, ${expression} as body from docs`),
  );
  const upper = pgView('a_upper', { body: text() }).as(sql`select body from zero`);
  const last = pgView('b_last', { body: text() }).as(sql`select a.body from a_upper a`);
  return { last, upper, zero, docs };
}

function keyed(
  type: () => ReturnType<typeof integer> | ReturnType<typeof text> | ReturnType<typeof bigint>,
): Record<string, unknown> {
  const a = pgTable('a', { id: type().primaryKey() as ReturnType<typeof text> });
  const b = pgTable('b', { id, a_id: type() as ReturnType<typeof text> }, (t) => [
    foreignKey({ name: 'b_a_fkey', columns: [t.a_id], foreignColumns: [a.id] }),
  ]);
  return { a, b };
}

function renamedUnder(column: string, type: unknown = text(), table = 'docs'): Record<string, unknown> {
  const name: SQL = sql.identifier(column) as unknown as SQL;
  const docs = pgTable(table, { id, [column]: type as ReturnType<typeof text> }, () => [
    check('short', sql`length(${name}) < 90`),
    index('short_idx').on(sql`lower(${name})`),
    pgPolicy('short', { for: 'select', to: 'public', using: sql`length(${name}) < 9` }),
  ]);
  const view = pgView('live', { id: integer(), body: text() }).as(
    sql`select id, ${name}::text as body from ${sql.identifier(table)}`,
  );
  return { docs, view };
}
