import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { open as openFile, readdir } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import bcrypt from 'bcrypt';
import type pg from 'pg';
import { startPostgres } from 'pg-devdb';
import { freePort } from 'pg-devdb/throw-away';
import { loadConfig } from '../../src/app/config.ts';
import { createKeyring } from '../../src/app/services/auth/tokens/keyring.ts';
import { createTokens, type Tokens } from '../../src/app/services/auth/tokens.ts';
import { connect, databaseUrl, migrate, PASSWORD } from '../fixtures.ts';
import { fill, filledAt } from './fill.ts';
import { picksFor } from './rows.ts';

/** A user picked from the database, with a living session. */
export interface Picked {
  user_id: string;
  email: string;
  role: 'user' | 'admin';
  session_id: string;
  counter: number;
  refreshed_at: Date;
  expires_at: Date;
}

/** One filled database, and who was picked of it. */
export interface Filled {
  readonly size: number;
  readonly env: Readonly<Record<string, string>>;
  readonly client: pg.Client;
  readonly tokens: Tokens;
  readonly users: readonly Picked[];
  /** Users with items. */
  readonly owners: readonly Picked[];
  readonly admin: Picked;
}

/** One PostgreSQL with a database of each size. */
export interface Cluster {
  readonly databases: readonly Filled[];
  readonly directory: string;
  close: () => Promise<void>;
}

export interface ClusterOptions {
  sizes: readonly number[];
  /** Leave the folder behind. */
  keep: boolean;
  /** A folder that an earlier run left behind. */
  reuse?: string;
  /** Told at once what to call when the run is cut short. */
  onClose: (close: () => Promise<void>) => void;
  onProgress: (step: string) => void;
}

/** Some of a database, the same number at every size. */
const PICKED = 4000;
const OWNERS = 200;
const MIB = 1024 * 1024;
/** Nothing is flushed, for the filling's sake, and nothing runs in between that would meet one size more than another. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_wal_size: '1GB',
  checkpoint_timeout: '1h',
  // A quarter of the memory, as PostgreSQL's manual has it for a machine of its own (§19.4.1).
  shared_buffers: `${Math.floor(totalmem() / 4 / MIB)}MB`,
  max_connections: 200,
};

/** Starts PostgreSQL and fills a database of each size that is not there yet. */
export async function openCluster({ sizes, keep, reuse, onClose, onProgress }: ClusterOptions): Promise<Cluster> {
  const directory = reuse === undefined ? mkdtempSync(join(tmpdir(), 'back-api-scale-')) : resolve(reuse);
  if (!existsSync(directory)) throw new Error(`${directory} is not there`);
  const postgres = await startPostgres({
    dataDirectory: join(directory, 'data'),
    host: '127.0.0.1',
    port: await freePort(),
    user: 'postgres',
    password: 'root',
    database: 'postgres',
    throwAway: !keep && reuse === undefined,
    settings: SETTINGS,
    onProgress,
  });
  const clients: pg.Client[] = [];
  const close = async (): Promise<void> => {
    for (const client of clients.splice(0)) await client.end();
    await postgres.stop();
  };
  onClose(close);
  const hash = await bcrypt.hash(PASSWORD, 10);
  const databases: Filled[] = [];
  for (const size of sizes) {
    const env = environment(databaseUrl(postgres.url, `users_${size}`));
    const client = await open(postgres.url, `users_${size}`);
    clients.push(client);
    if ((await filledAt(client)) === undefined)
      await fill(client, { url: env.DATABASE_URL ?? '', size, hash, onProgress });
    databases.push(await pick(client, { size, env }));
  }
  onProgress('Reading the files into the system’s memory');
  await readFiles(join(directory, 'data/base'));
  return { databases, directory, close };
}

/** Sessions outlive the folder of an earlier run; refreshes all come from one address here; hashes are as quick as they may be. */
function environment(url: string): Record<string, string> {
  return {
    SECRET_KEY: 'signs the tokens of databases that hold nobody, so it may be known to everybody',
    ENVIRONMENT: 'production',
    DATABASE_URL: url,
    BCRYPT_COST: '10',
    DAYS_REFRESH_TOKEN_EXPIRE: '365',
    DAYS_SESSION_MAX: '365',
    LIMIT_REFRESHES_PER_IP: '100000/1m',
    LIMIT_WRITES_PER_ACCOUNT: '100000/1m',
    EMAIL_LOGIN: 'true',
  };
}

/** A connection to a database that is filled, at today's revision, or empty. */
async function open(server_url: string, database: string): Promise<pg.Client> {
  const url = databaseUrl(server_url, database);
  const server = await connect(server_url);
  try {
    const { rowCount } = await server.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 1 && (await isFilled(url))) await migrate(url);
    else {
      // One that was not filled to the end is of no use.
      await server.query(`drop database if exists ${database}`);
      await server.query(`create database ${database}`);
    }
  } finally {
    await server.end();
  }
  return listening(await connect(url));
}

async function isFilled(url: string): Promise<boolean> {
  const client = await connect(url);
  const filled_at = await filledAt(client);
  await client.end();
  return filled_at !== undefined;
}

/** An unheard 'error' would end the process when the server is stopped under a running statement. */
function listening(client: pg.Client): pg.Client {
  client.on('error', () => {});
  return client;
}

/** While a large database is filled the system drops the files of before, and it is not the disk that is measured here. */
async function readFiles(folder: string): Promise<void> {
  const buffer = Buffer.alloc(MIB);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    await using file = await openFile(join(entry.parentPath, entry.name));
    while ((await file.read(buffer)).bytesRead > 0);
  }
}

async function pick(client: pg.Client, { size, env }: Pick<Filled, 'size' | 'env'>): Promise<Filled> {
  const config = loadConfig(env);
  const picks = picksFor(size, (await filledAt(client)) ?? 0);
  const choose = async (text: string, count: number): Promise<Picked[]> => {
    const numbers = new Set(Array.from({ length: 2 * count }, () => randomInt(size)));
    const { rows } = await client.query<Picked>(text, [[...numbers].slice(0, count)]);
    return rows;
  };
  const { rows: admins } = await client.query<Picked>(
    `select u.id as user_id, u.email, u.role, s.id as session_id, s.counter, s.refreshed_at, s.expires_at
     from users u join sessions s on s.user_id = u.id where u.role = 'admin' and u.is_active limit 1`,
  );
  const [users, owners, [admin]] = [await choose(picks.users, PICKED), await choose(picks.owners, OWNERS), admins];
  if (admin === undefined || users.length < PICKED / 2 || owners.length < OWNERS / 4)
    throw new Error(`The database of ${size} users is too small, or was changed`);
  const tokens = createTokens(config, { now: () => new Date() }, createKeyring(config, console));
  return { size, env, client, tokens, users, owners, admin };
}
