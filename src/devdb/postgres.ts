import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { postgresCommand } from './binaries.ts';
import { DevDatabaseError } from './errors.ts';
import { type Listener, probe } from './probe.ts';

export interface PostgresOptions {
  /** Kept between starts; made by the first one. The server's log lies beside it. */
  data_directory: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Folder of another PostgreSQL's programs, in place of the embedded one. */
  binaries?: string;
  /** Server settings, as `-c name=value`. */
  settings?: Readonly<Record<string, string | number>>;
  /** The data directory goes when the server stops, even when the parent was killed. */
  throw_away?: boolean;
  /** Told at the start of each long step. */
  onProgress?: (step: string) => void;
}

/** A running server of our own. It ends with this process, however that ends. */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** `fast` disconnects everybody and saves; `immediate` is a crash on purpose. */
  stop: (mode?: 'fast' | 'immediate') => Promise<void>;
}

const START_WITHIN_MS = 60_000;
/** After a crash the old server's last processes may hold its memory for a moment. */
const RETRY_FOR_MS = 5000;
const STOP_WITHIN_MS = 15_000;
const POLL_MS = 50;

/** Starts the server on its data directory, made on the first start, and waits until it answers. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { data_directory, port, user, password, database, onProgress } = options;
  if (!existsSync(join(data_directory, 'PG_VERSION'))) {
    onProgress?.('Creating the database (once)');
    await initialise(options);
  }
  onProgress?.('Starting PostgreSQL');
  const server = await launch(options);
  const url = `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@localhost:${port}/${encodeURIComponent(database)}`;
  const watcher = watch(server, options);
  const stop = async (mode: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    const ended = server.exitCode !== null || server.signalCode !== null ? undefined : once(server, 'exit');
    server.ref();
    server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await Promise.race([ended, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    watcher.stdin?.end();
    if (options.throw_away) rmSync(dirname(data_directory), { recursive: true, force: true });
  };
  try {
    await ensureDatabase(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port, pid: server.pid ?? 0, stop };
}

/** The last lines of the server's log: why it did not start. */
function logTail(data_directory: string): string {
  const file = logFile(data_directory);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-3).join('\n') : '';
}

function logFile(data_directory: string): string {
  return join(dirname(data_directory), 'postgres.log');
}

/** Made aside and moved into place, so that an interrupted first start leaves nothing that looks finished. */
async function initialise({ data_directory, user, password, binaries }: PostgresOptions): Promise<void> {
  mkdirSync(dirname(data_directory), { recursive: true, mode: 0o700 });
  const aside = mkdtempSync(join(dirname(data_directory), 'initdb-'));
  const passwordFile = join(aside, 'password');
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 });
    const args = ['-D', join(aside, 'data'), '-U', user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    const builtin = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const locale = ['--encoding=UTF8', '--locale=C', ...(binaries === undefined ? builtin : [])];
    const output = await run(postgresCommand('initdb', [...args, ...locale, '--no-sync'], binaries));
    if (output.code !== 0) throw new DevDatabaseError(`The database could not be created:\n${output.text}`);
    rmSync(data_directory, { recursive: true, force: true });
    renameSync(join(aside, 'data'), data_directory);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

async function run([command, ...args]: [string, ...string[]]): Promise<{ code: number | null; text: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, text };
}

async function launch(options: PostgresOptions): Promise<ChildProcess> {
  const retryUntil = Date.now() + RETRY_FOR_MS;
  for (;;) {
    const server = spawnServer(options);
    const state = await untilReady(server, options);
    if (state === 'ready' || state === 'no_database') return server;
    server.kill('SIGINT');
    const reason = logTail(options.data_directory);
    // Another server on the data is no leftover of a crash once it answers for itself.
    if (state !== 'exited' || Date.now() > retryUntil || /Address already in use/.test(reason)) {
      throw new DevDatabaseError(
        state === 'wrong_credentials' ? wrongCredentials(options) : `PostgreSQL did not start:\n${reason}`,
      );
    }
    await sleep(10 * POLL_MS);
  }
}

function wrongCredentials({ data_directory, user }: PostgresOptions): string {
  return `The database in ${data_directory} was made with another password for ${user}; remove the folder to begin anew (its data is lost)`;
}

/** In a session of its own: a Ctrl-C at the terminal is for the application, which then stops the server in order. */
function spawnServer({ data_directory, port, settings = {}, binaries }: PostgresOptions): ChildProcess {
  const all = { listen_addresses: 'localhost', unix_socket_directories: '', ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, ...args] = postgresCommand(
    'postgres',
    ['-D', data_directory, '-p', String(port), ...flags],
    binaries,
  );
  const log = openSync(logFile(data_directory), 'a', 0o600);
  return spawn(command, args, { stdio: ['ignore', log, log], detached: true, env: { ...process.env, LC_ALL: 'C' } });
}

async function untilReady(
  server: ChildProcess,
  { user, password, database, port }: PostgresOptions,
): Promise<Listener | 'exited'> {
  const url = `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@localhost:${port}/${encodeURIComponent(database)}`;
  const deadline = Date.now() + START_WITHIN_MS;
  let state: Listener = 'nothing';
  while (Date.now() < deadline) {
    if (server.exitCode !== null || server.signalCode !== null) return 'exited';
    state = await probe(url);
    if (state !== 'nothing' && state !== 'starting' && state !== 'not_postgres') return state;
    await sleep(POLL_MS);
  }
  return state;
}

/** Stops the server when this process is gone, even by SIGKILL: the pipe to the watcher then ends. */
function watch(server: ChildProcess, { data_directory, throw_away }: PostgresOptions): ChildProcess {
  const args = [
    join(import.meta.dirname, 'watcher.ts'),
    String(server.pid),
    data_directory,
    ...(throw_away ? ['throw-away'] : []),
  ];
  const watcher = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.unref();
  server.unref();
  // A pipe keeps the event loop alive unless told otherwise; the type knows it only as a stream.
  if (watcher.stdin && 'unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  return watcher;
}

async function ensureDatabase(url: string): Promise<void> {
  if ((await probe(url)) !== 'no_database') return;
  await createDatabase(url);
}

/** Creates the database that a URL names, on a server that lets its user do so. */
export async function createDatabase(url: string): Promise<void> {
  const server = new URL(url);
  const name = decodeURIComponent(server.pathname.slice(1));
  server.pathname = '/postgres';
  const client = new pg.Client(server.href);
  await client.connect();
  try {
    await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
