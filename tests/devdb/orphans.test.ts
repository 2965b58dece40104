import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import type { PostgresOptions } from 'pg-devdb';
import { freePort } from 'pg-devdb/throw-away';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { processesNaming, type Started, start, untilGone } from '../helpers/processes.ts';

const PROGRAM = join(import.meta.dirname, 'server-process.ts');
const NAMELESS = 54_321;
const isRoot = process.getuid?.() === 0;
const has = (command = '', ...args: string[]): boolean => spawnSync(command, args).status === 0;
const as = (uid: number): string[] => ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];

let folder: string;
let options: PostgresOptions;
let owner: Started | undefined;

async function makeFolder(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'devdb-'));
  options = {
    dataDirectory: join(folder, 'data'),
    port: await freePort(),
    user: 'postgres',
    password: 'root',
    database: 'py-db',
  };
}

async function endOwner(): Promise<void> {
  owner?.child.kill('SIGKILL');
  owner = undefined;
  for (const pid of processesNaming(folder)) await untilGone(pid);
}

/** Starts a process that owns a server; the server's process id and URL once it answers. */
async function own(
  what: PostgresOptions | null = options,
  { prefix = [], env = process.env }: { prefix?: string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<{ pid: number; url: string }> {
  const [command = '', ...args] = [...prefix, process.execPath, PROGRAM, JSON.stringify(what)];
  owner = start(command, args, { env });
  return JSON.parse((await owner.until(/^\{.*\}$/m))[0]);
}

async function sql(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('a server of our own', () => {
  beforeAll(makeFolder);
  afterEach(endOwner);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('stops in order when its owner is killed, and the next owner finds the data', async () => {
    const { pid, url } = await own();
    await sql(url, 'create table kept as select 7 as n');
    owner?.child.kill('SIGKILL');
    await untilGone(pid);
    expect(existsSync(join(options.dataDirectory, 'postmaster.pid'))).toBe(false);
    const again = await own();
    expect(await sql(again.url, 'select n from kept')).toEqual([7]);
  });

  it('is waited for by an owner that starts while it still stops', async () => {
    const { pid, url } = await own();
    await sql(url, 'create table waited as select 8 as n');
    process.kill(pid, 'SIGSTOP');
    owner?.child.kill('SIGKILL');
    const again = own({ ...options, port: await freePort() });
    await owner?.until(/Starting PostgreSQL/);
    setTimeout(() => process.kill(pid, 'SIGCONT'), 1000);
    expect(await sql((await again).url, 'select n from waited')).toEqual([8]);
  });

  it('tells a second owner of the same data that it runs', async () => {
    await own();
    const second = start(process.execPath, [PROGRAM, JSON.stringify({ ...options, port: await freePort() })]);
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/lock file "postmaster.pid" already exists/);
  });

  it.skipIf(!has('setpriv', '--pdeathsig', 'INT', 'true'))(
    'stops when its owner and the watcher are killed at once (Linux)',
    async () => {
      const { pid } = await own();
      const watchers = processesNaming('packages/devdb/src/watcher.ts').filter(
        (watcher) => parentOf(watcher) === owner?.pid,
      );
      expect(watchers).toHaveLength(1);
      for (const watcher of watchers) process.kill(watcher, 'SIGKILL');
      owner?.child.kill('SIGKILL');
      await untilGone(pid);
    },
  );
});

describe('the first start', () => {
  beforeEach(makeFolder);
  afterEach(async () => {
    await endOwner();
    rmSync(folder, { recursive: true });
  });

  it('leaves nothing behind when its owner is killed during it', async () => {
    owner = start(process.execPath, [PROGRAM, JSON.stringify(options)]);
    await owner.until(/Creating the database/);
    while (!readdirSync(folder).some((name) => name.startsWith('initdb-'))) await new Promise(setImmediate);
    owner.child.kill('SIGKILL');
    await owner.ended;
    for (const pid of processesNaming(folder)) await untilGone(pid);
    expect(existsSync(options.dataDirectory)).toBe(false);
    const { url } = await own();
    expect(await sql(url, 'select 1')).toEqual([1]);
    expect(readdirSync(folder).sort()).toEqual(['data', 'postgres.log']);
  });

  it.skipIf(!isRoot)(
    'runs for an ordinary user, in a home that nobody else may enter, and for root on that data',
    async () => {
      const uid = Number(spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout);
      chmodSync(folder, 0o700);
      chownSync(folder, uid, uid);
      const { pid, url } = await own(options, { prefix: as(uid) });
      expect(await sql(url, 'select current_database()')).toEqual(['py-db']);
      expect(statSync(options.dataDirectory).uid).toBe(uid);
      owner?.child.kill('SIGKILL');
      await untilGone(pid);
      const asRoot = await own();
      expect(await sql(asRoot.url, 'select current_database()')).toEqual(['py-db']);
      expect(statSync(`/proc/${asRoot.pid}`).uid).toBe(uid);
    },
  );

  it.skipIf(!isRoot || !has(...as(NAMELESS), 'unshare', '--user', 'true'))(
    'runs for a user who has a number and no name, as in a container',
    async () => {
      chownSync(folder, NAMELESS, NAMELESS);
      const { url } = await own(options, { prefix: as(NAMELESS) });
      expect(await sql(url, 'select current_database()')).toEqual(['py-db']);
    },
  );

  it.skipIf(!isRoot)("refuses another user's data in one sentence", async () => {
    mkdirSync(options.dataDirectory);
    chmodSync(folder, 0o755);
    owner = start('setpriv', [...as(NAMELESS).slice(1), process.execPath, PROGRAM, JSON.stringify(options)]);
    expect(await owner.ended).toBe(1);
    expect(owner.output()).toMatch(/belongs to another user; run as that one, or set DATABASE_URL/);
  });

  it.skipIf(!isRoot)('runs for root where no user namespace is allowed, as nobody', async () => {
    const programs = join(folder, 'bin');
    mkdirSync(programs);
    writeFileSync(join(programs, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    chmodSync(folder, 0o755);
    const inside = { ...options, dataDirectory: join(folder, 'database/data') };
    const { pid, url } = await own(inside, { env: { ...process.env, PATH: `${programs}:${process.env.PATH}` } });
    expect(await sql(url, 'select current_database()')).toEqual(['py-db']);
    expect(statSync(`/proc/${pid}`).uid).toBe(Number(spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout));
  });
});

describe('a throw-away server', () => {
  afterEach(endOwner);

  it('is gone, with its folder, when its owner is killed', async () => {
    const { pid, url } = await own(null);
    const [data] = await sql(url, 'show data_directory');
    expect(await sql(url, `select setting from pg_settings where name in ('fsync', 'full_page_writes')`)).toEqual([
      'off',
      'off',
    ]);
    const watchers = processesNaming(String(data)).filter((watcher) => watcher !== pid);
    owner?.child.kill('SIGKILL');
    for (const gone of [pid, ...watchers]) await untilGone(gone);
    expect(existsSync(dirname(String(data)))).toBe(false);
  });
});

function parentOf(pid: number): number {
  return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
}
