import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { index, integer, type PgTable, pgEnum, pgTable, text, varchar } from 'drizzle-orm/pg-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProject } from '../helpers/migrations.ts';
import { probeRows } from '../helpers/probe-rows.ts';

interface State {
  models: Record<string, unknown>;
  /** `from:to`, as on the command line. */
  renamed?: readonly string[];
}

/** What two branches did, and the models of both together, or what the refusal says. */
interface Play {
  base: State;
  one: State;
  other: State;
  joined: State | RegExp;
  /** What the refusal says where the rename runs first: the other's SQL would not find the old name. */
  early?: true;
}

const id = integer().primaryKey();
const memos = (name: string, columns: object = {}, extras: string[] = []): PgTable =>
  pgTable(name, { id, body: text(), ...columns }, (table) =>
    extras.map((column) => index(`by_${column}`).on((table as unknown as Record<string, never>)[column] as never)),
  ) as PgTable;
const state = (table: PgTable, renamed: string[] = [], more: object = {}): State => ({
  models: { table, ...more },
  renamed,
});
const titled = (name: string, type: 'text' | 'varchar' = 'text', extras: string[] = [], more: object = {}): PgTable =>
  pgTable('memos', { id, [name]: type === 'text' ? text() : varchar({ length: 90 }), ...more }, (table) =>
    extras.map((column) => index(`by_title`).on((table as unknown as Record<string, never>)[column] as never)),
  ) as PgTable;
const child = (parent: PgTable) =>
  pgTable('child', { id, memo: integer().references(() => (parent as never as { id: never }).id) });
const grown = memos('memos', { extra: text() });
const twice = memos('notices', { extra: text() });
const mood = (name: string, ...values: [string, ...string[]]): State => {
  const type = pgEnum(name, values);
  return { models: { type, t: pgTable('t', { id, mood: type() }) } };
};
const plain = memos('memos');
const other = pgTable('other', { id });

const PLAYS: Record<string, Play> = {
  'a table renamed, a column added': {
    early: true,
    base: state(plain),
    one: state(memos('notices'), ['memos:notices']),
    other: state(grown),
    joined: state(twice),
  },
  'a table renamed, an index added': {
    early: true,
    base: state(plain),
    one: state(memos('notices'), ['memos:notices']),
    other: state(memos('memos', {}, ['body'])),
    joined: state(memos('notices', {}, ['body'])),
  },
  'a table renamed, a foreign key to it added': {
    early: true,
    base: state(plain),
    one: state(memos('notices'), ['memos:notices']),
    other: state(plain, [], { child: child(plain) }),
    joined: (() => {
      const t = memos('notices');
      return state(t, [], { child: child(t) });
    })(),
  },
  'a table renamed, another one made': {
    base: state(plain),
    one: state(memos('notices'), ['memos:notices']),
    other: state(plain, [], { other }),
    joined: state(memos('notices'), [], { other }),
  },
  'a column renamed, an index on it added': {
    early: true,
    base: state(titled('title')),
    one: state(titled('heading'), ['memos.title:heading']),
    other: state(titled('title', 'text', ['title'])),
    joined: state(titled('heading', 'text', ['heading'])),
  },
  'a column renamed, its type changed': {
    early: true,
    base: state(titled('title')),
    one: state(titled('heading'), ['memos.title:heading']),
    other: state(titled('title', 'varchar')),
    joined: state(titled('heading', 'varchar')),
  },
  'a column renamed, another one added': {
    base: state(titled('title')),
    one: state(titled('heading'), ['memos.title:heading']),
    other: state(titled('title', 'text', [], { extra: text() })),
    joined: state(titled('heading', 'text', [], { extra: text() })),
  },
  'a table and its column renamed, the column typed anew': {
    early: true,
    base: state(memos('memos')),
    one: state(pgTable('notices', { id, text: text() }) as PgTable, ['memos:notices', 'notices.body:text']),
    other: state(pgTable('memos', { id, body: varchar({ length: 90 }) }) as PgTable),
    joined: state(pgTable('notices', { id, text: varchar({ length: 90 }) }) as PgTable),
  },
  'a table renamed to the same name by both': {
    base: state(plain),
    one: state(memos('notices'), ['memos:notices']),
    other: state(memos('notices'), ['memos:notices']),
    joined:
      /aaaa0002 and aaaa0003 both run ALTER TABLE "memos" RENAME TO "notices", which fails the second time|aaaa0003 and aaaa0002 both run/,
  },
  'a table renamed to two names': {
    base: state(plain),
    one: state(memos('notices'), ['memos:notices']),
    other: state(memos('notes'), ['memos:notes']),
    joined: /renames table memos, which the other branch has renamed or dropped: remove the folder/,
  },
  'a column renamed to the same name by both': {
    base: state(titled('title')),
    one: state(titled('heading'), ['memos.title:heading']),
    other: state(titled('heading'), ['memos.title:heading']),
    joined: /both run ALTER TABLE "memos" RENAME COLUMN "title" TO "heading", which fails the second time: take it out/,
  },
  'a column renamed to two names': {
    base: state(titled('title')),
    one: state(titled('heading'), ['memos.title:heading']),
    other: state(titled('name'), ['memos.title:name']),
    joined: /renames column memos\.title, which the other branch has renamed or dropped/,
  },
  'a table renamed, and dropped': {
    base: state(plain, [], { other }),
    one: state(memos('notices'), ['memos:notices'], { other }),
    other: { models: { other } },
    joined: /renames table memos, which the other branch has renamed or dropped/,
  },
  'a column renamed, and dropped': {
    base: state(titled('title')),
    one: state(titled('heading'), ['memos.title:heading']),
    other: state(pgTable('memos', { id }) as PgTable),
    joined: /renames column memos\.title, which the other branch has renamed or dropped/,
  },
  'the same column added by both': {
    base: state(plain),
    one: state(grown),
    other: state(grown),
    joined: /both run ALTER TABLE "memos" ADD COLUMN "extra" text, which fails the second time/,
  },
  'the same table made by both': {
    base: state(plain),
    one: state(plain, [], { other }),
    other: state(plain, [], { other }),
    joined: /both run CREATE TABLE "other" \( …, which fails the second time/,
  },
  'the same table dropped by both': {
    base: state(plain, [], { other }),
    one: state(plain),
    other: state(plain),
    joined: /both run DROP TABLE "other", which fails the second time/,
  },
  'the same enum value added by both': {
    base: mood('mood', 'a'),
    one: mood('mood', 'a', 'b'),
    other: mood('mood', 'a', 'b'),
    joined: /both run ALTER TYPE "mood" ADD VALUE 'b'.*, which fails the second time/,
  },
  'an enum renamed, a value added': {
    base: mood('mood', 'a'),
    one: { ...mood('feeling', 'a'), renamed: ['mood:feeling'] },
    other: mood('mood', 'a', 'b'),
    joined: /both change enum mood/,
  },
  'a table renamed, its new name taken by the other': {
    base: state(plain),
    one: state(memos('notices'), ['memos:notices']),
    other: state(plain, [], { notices: pgTable('notices', { id }) }),
    joined: /renames table memos to notices, which the other branch has made: remove the folder/,
  },
};

const EARLY =
  /_aaaa0002_branch renames what the other branch still calls by its old name, and runs first: begin its folder/;

describe.each(Object.entries(PLAYS))('a merge with %s', (_, { base, one, other: second, joined: both, early }) => {
  it.each(['first', 'second'] as const)('where that runs %s', async (place) => {
    const created = await createProject();
    onTestFinished(created.end);
    let count = 0;
    const write = async ({ models, renamed = [] }: State, head?: string): Promise<string> => {
      const answers = {
        renamed: renamed.map((each) => {
          const [from = '', to = ''] = each.split(':');
          return { from, to };
        }),
        created: [],
      };
      const revision = await created.migrator({ models: async () => models }).revision({
        message: 'branch',
        autogenerate: true,
        rev_id: `aaaa000${++count}`,
        answers,
        ...(head !== undefined && { head, splice: true }),
      });
      return revision?.id ?? '';
    };
    const start = await write(base);
    const tips = [
      await write(place === 'first' ? one : second, start),
      await write(place === 'first' ? second : one, start),
    ];
    const joined = early && place === 'first' ? EARLY : both;
    if (joined instanceof RegExp) {
      for (const order of [tips, tips.toReversed()])
        await expect(created.migrator().merge(order, { message: 'join' })).rejects.toThrow(joined);
      expect(created.migrator().heads()).toHaveLength(2);
      return;
    }
    const migrator = created.migrator({ models: async () => joined.models });
    await migrator.merge(tips, { message: 'join' });
    const rest = await migrator.revision({ message: 'rest', autogenerate: true });
    expect(rest && readFileSync(join(rest.path, 'upgrade.sql'), 'utf8')).toBeUndefined();
    const client = await created.connect();
    for (const target of ['head', 'base', 'head']) {
      await migrator[target === 'base' ? 'downgrade' : 'upgrade'](target);
      if (target === 'head') await probeRows(client);
    }
    expect(await migrator.check()).toEqual([]);
  });
});
