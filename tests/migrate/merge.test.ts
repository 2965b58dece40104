import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnyPgColumn,
  index,
  integer,
  type PgTable,
  pgEnum,
  pgTable,
  text,
  uniqueIndex,
  varchar,
} from 'drizzle-orm/pg-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';

type Models = Record<string, unknown>;
type Objects = Readonly<Record<string, { create: string; drop: string }>>;
interface State {
  models: Models;
  objects?: Objects;
  renamed?: { from: string; to: string }[];
}

interface Branched {
  created: MigrationProject;
  base: string;
  left: string;
  right: string;
  /** What autogenerate would still write from the merged state to this one. */
  left_over: (state: State) => Promise<string | undefined>;
}

async function branched(base: State, one: State, other: State): Promise<Branched> {
  const created = await createProject();
  onTestFinished(created.end);
  let count = 0;
  const write = async ({ models, objects = {}, renamed = [] }: State, head?: string): Promise<string> => {
    const migrator = created.migrator({ models: async () => models, objects: async () => objects });
    const revision = await migrator.revision({
      message: 'branch',
      autogenerate: true,
      // Of two revisions in one minute the one with the smaller id runs first.
      rev_id: `aaaa000${++count}`,
      answers: { renamed, created: [] },
      ...(head !== undefined && { head, splice: true }),
    });
    return revision?.id ?? '';
  };
  const first = await write(base);
  const [left, right] = [await write(one, first), await write(other, first)];
  const left_over = async ({ models, objects = {} }: State): Promise<string | undefined> => {
    const migrator = created.migrator({ models: async () => models, objects: async () => objects });
    const revision = await migrator.revision({ message: 'rest', autogenerate: true });
    return revision && readFileSync(join(revision.path, 'upgrade.sql'), 'utf8');
  };
  return { created, base: first, left, right, left_over };
}

const id = integer().primaryKey();
const withEnum = (...values: [string, ...string[]]): State => {
  const mood = pgEnum('mood', values);
  return { models: { mood, t: pgTable('t', { id, mood: mood() }) } };
};
const memos = (columns: object, name = 'memos') => ({
  models: { memos: pgTable(name, { id, ...(columns as { body: ReturnType<typeof text> }) }) },
});
const f = (body: string): Objects[string] => ({
  create: `CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ select ${body} $$`,
  drop: 'DROP FUNCTION f()',
});

describe('a merge of branches', () => {
  it.each([
    ['in the order of the branches', ['a', 'ann', 'bob']],
    ['in the other order', ['a', 'bob', 'ann']],
  ])('has the enum values of both, %s', async (_, values) => {
    const { created, left, right, left_over } = await branched(
      withEnum('a'),
      withEnum('a', 'ann'),
      withEnum('a', 'bob'),
    );
    const joined = withEnum(...(values as ['a']));
    await created.migrator({ models: async () => joined.models }).merge([left, right], { message: 'join' });
    expect(await left_over(joined)).toBeUndefined();
    await created.migrator().upgrade('head');
    expect(await created.sql(`insert into t values (1, 'ann'), (2, 'bob') returning id`)).toHaveLength(2);
  });

  it('lacks the enum value that one took away, and has the one that the other added', async () => {
    const { created, left, right, left_over } = await branched(
      withEnum('a', 'b'),
      withEnum('a'),
      withEnum('a', 'b', 'c'),
    );
    const joined = withEnum('a', 'c');
    await created.migrator({ models: async () => joined.models }).merge([left, right], { message: 'join' });
    expect(await left_over(joined)).toBeUndefined();
  });

  it.each(['left', 'right'] as const)('has the object that the %s branch changed', async (side) => {
    const table = memos({});
    const old: State = { ...table, objects: { f: f('1') } };
    const now: State = { models: { memos: pgTable('memos', { id, extra: text() }) }, objects: { f: f('2') } };
    const untouched: State = { models: { ...table.models, u: pgTable('u', { id }) }, objects: { f: f('1') } };
    const { created, left, right, left_over } =
      side === 'left' ? await branched(old, now, untouched) : await branched(old, untouched, now);
    await created.migrator().merge([left, right], { message: 'join' });
    expect(
      await left_over({ models: { ...now.models, u: pgTable('u', { id }) }, objects: { f: f('2') } }),
    ).toBeUndefined();
  });

  it('lacks the object that one took away', async () => {
    const table = memos({});
    const { created, left, right, left_over } = await branched(
      { ...table, objects: { f: f('1') } },
      { ...table, objects: {} },
      { models: { ...table.models, u: pgTable('u', { id }) }, objects: { f: f('1') } },
    );
    await created.migrator().merge([left, right], { message: 'join' });
    expect(await left_over({ models: { ...table.models, u: pgTable('u', { id }) } })).toBeUndefined();
  });

  it.each<[string, State, State, State, RegExp]>([
    [
      'an object that both changed',
      { ...memos({}), objects: { f: f('1') } },
      { ...memos({}), objects: { f: f('2') } },
      { ...memos({}), objects: { f: f('3') } },
      /both change object f/,
    ],
    [
      'a column in a table that the other renamed before',
      memos({}),
      { ...memos({}, 'notices'), renamed: [{ from: 'memos', to: 'notices' }] },
      memos({ extra: text() }),
      /both change column memos\.extra.*\n.*_aaaa0002_branch renames what .* runs first: begin its folder/,
    ],
    [
      'a column in a table that the other dropped',
      { models: { ...memos({}).models, k: pgTable('k', { id }) } },
      { models: { k: pgTable('k', { id }) } },
      { models: { ...memos({ extra: text() }).models, k: pgTable('k', { id }) } },
      /both change column memos\.extra/,
    ],
    [
      'a type that the other changed too',
      memos({ body: text() }),
      memos({ body: varchar({ length: 9 }) }),
      memos({ body: varchar({ length: 8 }) }),
      /both change column memos\.body/,
    ],
    [
      'a column of an enum that the other dropped',
      { models: { e: pgEnum('e', ['a']), t: pgTable('t', { id }) } },
      { models: { t: pgTable('t', { id }) } },
      (() => {
        const e = pgEnum('e', ['a']);
        return { models: { e, t: pgTable('t', { id, e: e() }) } };
      })(),
      /both change column t\.e/,
    ],
  ])('names %s', async (_, base, one, other, reason) => {
    const { created, left, right } = await branched(base, one, other);
    for (const order of [
      [left, right],
      [right, left],
    ])
      await expect(created.migrator().merge(order, { message: 'join' })).rejects.toThrow(reason);
    expect(created.migrator().heads()).toHaveLength(2);
  });

  it('follows the names that a branch has given to what the other one has changed before', async () => {
    const other = pgTable('other', { id });
    const table = (names: { table: string; title: string }, more: object = {}) =>
      pgTable(names.table, { id, [names.title]: text(), other_id: integer(), ...more }, (columns) => [
        index('by_title').on(columns[names.title] as AnyPgColumn),
        ...('extra' in more ? [uniqueIndex('by_extra').on(columns.extra as AnyPgColumn)] : []),
      ]);
    const child = (parent: PgTable, name: string) =>
      pgTable('child', { id, memo: integer().references((): AnyPgColumn => (parent as typeof other)[name as 'id']) });
    const [before, after] = [
      { table: 'memos', title: 'title' },
      { table: 'notices', title: 'heading' },
    ];
    const [old, grown] = [table(before), table(before, { extra: text().notNull().default('x') })];
    const named = table(after);
    const joined = table(after, { extra: text().notNull().default('x') });
    const renamed = [
      { from: 'memos', to: 'notices' },
      { from: 'notices.title', to: 'heading' },
    ];
    const { created, left, right, left_over } = await branched(
      { models: { old, other } },
      { models: { grown, other, child: child(grown, 'id') } },
      { models: { named, other }, renamed },
    );
    await created.migrator().merge([left, right], { message: 'join' });
    const state = { models: { joined, other, child: child(joined, 'id') } };
    expect(await left_over(state)).toBeUndefined();
    const migrator = created.migrator({ models: state.models });
    for (const target of ['head', 'base', 'head']) await migrator[target === 'base' ? 'downgrade' : 'upgrade'](target);
    await created.sql(`insert into notices (id, heading) values (1, 'one'); insert into child values (1, 1)`);
    expect(await migrator.check()).toEqual([]);
  });

  it('with a preference has that branch whole', async () => {
    const renamed: State = { ...memos({}, 'notices'), renamed: [{ from: 'memos', to: 'notices' }] };
    const { created, left, right, left_over } = await branched(memos({}), renamed, memos({ extra: text() }));
    await created.migrator().merge([left, right], { message: 'join', prefer: left });
    expect(await left_over(memos({}, 'notices'))).toBeUndefined();
  });
});

describe('a branch that is put on the other by hand', () => {
  const withNote = { models: { t: pgTable('t', { id, note: text() }) } };
  const withRank = { models: { t: pgTable('t', { id, rank: integer() }) } };
  const withBoth = { models: { t: pgTable('t', { id, note: text(), rank: integer() }) } };

  function follow(created: MigrationProject, revision: string, on: string): void {
    const file = join(created.migrator().show(revision)[0]?.path ?? '', 'upgrade.sql');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^-- Revises: .*$/m, `-- Revises: ${on}`));
  }

  it('has the changes of both: check agrees, and nothing is left to write', async () => {
    const { created, left, right, left_over } = await branched(
      { models: { t: pgTable('t', { id }) } },
      withNote,
      withRank,
    );
    follow(created, right, left);
    expect(
      created
        .migrator()
        .heads()
        .map((head) => head.id),
    ).toEqual([right]);
    await created.migrator().upgrade('head');
    expect(await created.migrator({ models: async () => withBoth.models }).check()).toEqual([]);
    expect(await left_over(withBoth)).toBeUndefined();
  });

  it('has them in the revisions behind it too', async () => {
    const { created, left, right, left_over } = await branched(
      { models: { t: pgTable('t', { id }) } },
      withNote,
      withRank,
    );
    const more = pgTable('t', { id, rank: integer(), last: text() });
    const third = await created
      .migrator({ models: async () => ({ t: more }) })
      .revision({ message: 'third', autogenerate: true, head: right });
    follow(created, right, left);
    await created.migrator().upgrade('head');
    const all = { models: { t: pgTable('t', { id, note: text(), rank: integer(), last: text() }) } };
    expect(await created.migrator({ models: async () => all.models }).check()).toEqual([]);
    expect(third?.id).toBe(created.migrator().heads()[0]?.id);
    expect(await left_over(all)).toBeUndefined();
  });
});
