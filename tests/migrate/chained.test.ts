import type pg from 'pg';
import type { MigratorOptions } from 'pg-revisions';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProject, type MigrationProject, type WrittenRevision } from '../helpers/migrations.ts';

interface Watched {
  texts: string[];
  client: pg.Client;
  upgrade: (options?: Partial<Omit<MigratorOptions, 'url'>>) => Promise<unknown>;
}

/** One connection for all that a test does, and what it was sent. */
async function watched(created: MigrationProject): Promise<Watched> {
  const client = await created.connect();
  const texts: string[] = [];
  const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<pg.QueryResult>;
  const watching = (text: string, values?: unknown[]): Promise<pg.QueryResult> => {
    texts.push(text);
    return query(text, values);
  };
  Object.assign(client, { query: watching, end: async () => {} });
  return {
    texts,
    client,
    upgrade: (options = {}) => created.migrator({ connect: async () => client, ...options }).upgrade('head'),
  };
}

async function project(...revisions: WrittenRevision[]): Promise<MigrationProject> {
  const created = await createProject();
  onTestFinished(created.end);
  for (const revision of revisions) created.write(revision);
  return created;
}

const first: WrittenRevision = { id: 'aaaa1111', upgrade: 'create table one (a int);' };
const second: WrittenRevision = { id: 'bbbb2222', down: 'aaaa1111', upgrade: 'create table two (a int);' };
const OPEN = 'select now() <> statement_timestamp() as is_open';

async function standing(created: MigrationProject): Promise<unknown> {
  const [row] = await created.sql(
    `select (select string_agg(version_num, ' ') from alembic_version) as version, to_regclass('two') is not null as two`,
  );
  return row;
}

describe('revisions in a row', () => {
  it('cost two ways to the server each: the commit of one begins the next', async () => {
    const created = await project(first, second, { id: 'cccc3333', down: 'bbbb2222', upgrade: 'select 3;' });
    const { texts, upgrade } = await watched(created);
    await upgrade();
    const start = texts.findIndex((text) => text.startsWith('begin') && text.endsWith('order by version_num'));
    expect(
      texts.slice(start).map((text) => text.match(/^begin|create table \w+|select 3|^commit|\bbegin\b/gm)),
    ).toEqual([
      ['begin'],
      ['create table one'],
      ['commit', 'begin'],
      ['create table two'],
      ['commit', 'begin'],
      ['select 3'],
      ['commit'],
    ]);
  });

  it('stay if the transaction of the next one does not begin, which is named', async () => {
    const created = await project(first, {
      ...second,
      upgrade: `-- statement_timeout: 99999999999h\n\n${second.upgrade}`,
    });
    const { client, upgrade } = await watched(created);
    await expect(upgrade()).rejects.toThrow(/bbbb2222_\w+\/upgrade\.sql, at its end: .*"statement_timeout"/);
    expect(await standing(created)).toEqual({ version: 'aaaa1111', two: false });
    expect((await client.query(OPEN)).rows).toEqual([{ is_open: false }]);
  });

  it('stay if the next one is refused before it runs', async () => {
    const created = await project(first);
    created.write({ ...second, upgrade: 'begin;' });
    const { client, upgrade } = await watched(created);
    await expect(upgrade()).rejects.toThrow(/bbbb2222_\w+\/upgrade\.sql, line 7: take BEGIN out/);
    expect(await standing(created)).toEqual({ version: 'aaaa1111', two: false });
    expect((await client.query(OPEN)).rows).toEqual([{ is_open: false }]);
  });

  it('leave no transaction open if who is told of a step throws', async () => {
    const created = await project(first, second);
    const { client, upgrade } = await watched(created);
    const onStep = (): void => {
      throw new Error('no more');
    };
    await expect(upgrade({ onStep })).rejects.toThrow('no more');
    expect((await client.query(OPEN)).rows).toEqual([{ is_open: false }]);
    expect(await standing(created)).toEqual({ version: 'aaaa1111', two: false });
    expect(await upgrade()).toHaveLength(1);
  });

  it('leave out what another run has done meanwhile', async () => {
    const created = await project(
      first,
      { id: 'bbbb2222', down: 'aaaa1111', upgrade: '-- transaction: none\nselect 2;' },
      { id: 'cccc3333', down: 'bbbb2222', upgrade: 'create table two (a int);' },
    );
    const other = created.migrator();
    const { upgrade } = await watched(created);
    const steps: string[] = [];
    let others: Promise<unknown> | undefined;
    const onStep = ({ revision }: { revision: { id: string } }): void => {
      steps.push(revision.id);
      others ??= other.upgrade('head');
    };
    await upgrade({ onStep });
    const rest = (await others) as unknown[];
    expect(steps.length + rest.length).toBe(3);
    expect(await standing(created)).toEqual({ version: 'cccc3333', two: true });
  });
});
