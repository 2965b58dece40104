import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type EmbeddedPostgres, startPostgres } from 'pg-devdb';
import { freePort } from 'pg-devdb/throw-away';
import { createMigrator } from 'pg-revisions';
import { REVISIONS } from '../../src/app/database/revisions-directory.ts';
import { familyOf, untilGone } from './processes.ts';
import { NOTES_SQL } from './test-product/notes.ts';

/** A password that a search through logs and answers cannot mistake for anything else. */
export const DATABASE_PASSWORD = 'pg-password-that-nobody-may-read';

/** A migrated PostgreSQL of one test file's own, to be crashed, frozen and restarted. */
export interface OwnPostgres {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** Rows by way of a connection of its own, to this database or the one that a URL names. */
  sql: <Row extends pg.QueryResultRow>(text: string, values?: unknown[], url?: string) => Promise<Row[]>;
  start: (settings?: Record<string, string | number>) => Promise<void>;
  stop: (mode?: 'fast' | 'immediate') => Promise<void>;
  /** `kill -9` of the postmaster. */
  crash: () => Promise<void>;
  /** `kill -9` of all its processes at once, as when its machine goes. */
  vanish: () => Promise<void>;
  /** SIGSTOP for the postmaster and all its processes; gives the way back. */
  freeze: () => () => void;
  /** Stops it for good and removes its data. */
  remove: () => Promise<void>;
}

/**
 * Starts a server at head, with the table of the notes. A disk of the test's own, and the programs of another PostgreSQL, get
 * a new cluster; the others get a copy of the run's.
 */
export async function startOwnPostgres(
  settings: Record<string, string | number> = {},
  parent?: string,
  binaries?: string,
): Promise<OwnPostgres> {
  const folder = newFolder(parent);
  if (parent !== undefined || binaries !== undefined) return startMigrated(folder, settings, binaries);
  // Owners and modes too: a server that runs as another user has its folder from the first one.
  await promisify(execFile)('cp', ['-a', `${await clusterAtHead()}/.`, folder]);
  return startIn(folder, settings);
}

/** The folder of a cluster to copy, which the first file of the run makes: to make one takes ten times as long as to copy it. */
async function clusterAtHead(): Promise<string> {
  const shared = join(tmpdir(), 'cluster-at-head');
  if (existsSync(shared)) return shared;
  const made = newFolder();
  await (await startMigrated(made, {})).stop();
  rmSync(join(made, 'postgres.log'));
  try {
    renameSync(made, shared);
  } catch (error) {
    // Another file was faster.
    if (!existsSync(shared)) throw error;
    rmSync(made, { recursive: true });
  }
  return shared;
}

async function startMigrated(
  folder: string,
  settings: Record<string, string | number>,
  binaries?: string,
): Promise<OwnPostgres> {
  const postgres = await startIn(folder, settings, binaries);
  await createMigrator({ ...REVISIONS, connect: () => connect(postgres.url) }).upgrade('heads');
  await postgres.sql(NOTES_SQL);
  return postgres;
}

function newFolder(parent = tmpdir()): string {
  return mkdtempSync(join(parent, 'back-faults-'));
}

/** Starts a server on `data` in this folder, made where it is missing. What was committed survives a kill; nothing is flushed to the disk for it. */
export async function startIn(
  folder: string,
  settings: Record<string, string | number>,
  binaries?: string,
): Promise<OwnPostgres> {
  const options = {
    dataDirectory: join(folder, 'data'),
    host: '127.0.0.1',
    port: await freePort(),
    user: 'postgres',
    password: DATABASE_PASSWORD,
    database: 'faults',
    ...(binaries !== undefined && { binaries }),
  } as const;
  const always = { fsync: 'off', full_page_writes: 'off' };
  let server: EmbeddedPostgres = await startPostgres({ ...options, settings: { ...always, ...settings } });
  const { url, port } = server;
  const kill = async (pids: readonly number[]): Promise<void> => {
    for (const pid of pids) signal(pid, 'SIGKILL');
    await Promise.all(pids.map((pid) => untilGone(pid)));
    await server.ended;
    await server.stop();
  };

  return {
    url,
    port,
    folder,
    sql: async (text, values, to = url) => {
      const client = await connect(to);
      try {
        return (await client.query(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    start: async (more = {}) => {
      server = await startPostgres({ ...options, settings: { ...always, ...settings, ...more } });
    },
    stop: (mode) => server.stop(mode),
    crash: () => kill([server.pid]),
    vanish: () => kill(familyOf(server.pid).map(({ pid }) => pid)),
    freeze: () => {
      const family = familyOf(server.pid).map(({ pid }) => pid);
      for (const pid of family) signal(pid, 'SIGSTOP');
      return () => {
        for (const pid of family) signal(pid, 'SIGCONT');
      };
    },
    remove: async () => {
      await server.stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until `holds`; fails with `what` when it does not within the time. */
export async function eventually(what: string, holds: () => Promise<boolean>, withinMs = 5000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(25);
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  return client;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // A backend that ended between the list and the signal.
  }
}
