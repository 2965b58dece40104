import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { programPath } from './binaries.ts';
import { createCluster, hasCluster } from './cluster.ts';
import { DevDatabaseError } from './errors.ts';
import { type Identity, identityFor } from './identity.ts';
import { type Listener, probe } from './probe.ts';
import { openServerLog, type ServerLog } from './server-log.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

export interface PostgresOptions {
  /** Kept between starts; made by the first one. The server's log lies beside it. */
  dataDirectory: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** The one interface to listen on. */
  host?: 'localhost' | '127.0.0.1';
  /** Folder of another PostgreSQL's programs, in place of the embedded one. */
  binaries?: string;
  /** Server settings, as `-c name=value`. */
  settings?: Readonly<Record<string, string | number>>;
  /** The data directory's parent folder goes when the server stops, even when this process was killed. */
  throwAway?: boolean;
  /** Told at the start of each long step. */
  onProgress?: (step: string) => void;
}

/** A running server of our own. It ends with this process, however that ends. */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the server is gone, on request or not. */
  readonly ended: Promise<void>;
  /** `fast` disconnects everybody and saves; `immediate` is a crash on purpose. */
  stop: (mode?: 'fast' | 'immediate') => Promise<void>;
}

const START_WITHIN_MS = 60_000;
/** After a crash the old server's last processes may hold its files and memory for a moment. */
const RETRY_FOR_MS = 5000;
const LEFTOVERS = /"postmaster\.pid"|shared memory block/;
const STOP_WITHIN_MS = { SIGINT: 15_000, SIGQUIT: 5000, SIGKILL: 5000 };
const POLL_MS = 50;

/** Starts the server on its data directory, made on the first start, and waits until it answers. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDirectory, port, throwAway = false, onProgress } = options;
  const identity = identityFor(dataDirectory);
  const watchdog = startWatchdog({ dataDirectory, throwAway });
  const makeAndLaunch = async (): Promise<ChildProcess> => {
    if (!hasCluster(options)) {
      onProgress?.('Creating the database (once)');
      await createCluster(options, identity, watchdog);
    }
    onProgress?.('Starting PostgreSQL');
    return launch(options, identity, watchdog);
  };
  const server = await makeAndLaunch().catch((error: unknown) => {
    watchdog.release();
    throw error;
  });
  const stop = async (mode: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    server.ref();
    await end(server, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    watchdog.release();
    if (throwAway) rmSync(dirname(dataDirectory), { recursive: true, force: true });
  };
  const ended = hasEnded(server) ? Promise.resolve() : once(server, 'exit').then(() => {});
  await ensureDatabase(urlOf(options)).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  server.unref();
  return { url: urlOf(options), port, pid: server.pid ?? 0, ended, stop };
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

async function ensureDatabase(url: string): Promise<void> {
  if ((await probe(url)) === 'no_database') await createDatabase(url);
}

async function launch(options: PostgresOptions, identity: Identity, watchdog: Watchdog): Promise<ChildProcess> {
  const retryUntil = Date.now() + RETRY_FOR_MS;
  for (;;) {
    const log = openServerLog(`${dirname(options.dataDirectory)}/postgres.log`);
    const server = spawnServer(options, identity, log);
    if (server.pid !== undefined) watchdog.tie(server.pid);
    const state = await untilReady(server, options);
    if (state === 'ready' || state === 'no_database') return server;
    await end(server, 'SIGINT');
    if (state === 'wrong_credentials') throw new DevDatabaseError(wrongPassword(options));
    const reason = log.tail();
    if (/Address already in use/.test(reason)) throw new DevDatabaseError(`Port ${options.port} is taken`);
    if (!LEFTOVERS.test(reason) || Date.now() > retryUntil) {
      throw new DevDatabaseError(`PostgreSQL did not start; ${log.path} ends with:\n${reason}`);
    }
    await sleep(5 * POLL_MS);
  }
}

/** In a session of its own: a Ctrl-C at the terminal is for the application, which then stops the server in order. */
function spawnServer(options: PostgresOptions, { prefix, owner }: Identity, log: ServerLog): ChildProcess {
  const { dataDirectory, port, host = 'localhost', settings = {}, binaries } = options;
  const all = { listen_addresses: host, unix_socket_directories: '', ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const program = [...prefix, programPath('postgres', binaries), '-D', dataDirectory];
  const [command = '', ...args] = [...program, '-p', String(port), ...flags];
  const server = spawn(command, args, {
    stdio: ['ignore', log.descriptor, log.descriptor],
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
    ...owner,
  });
  log.close();
  return server;
}

async function untilReady(server: ChildProcess, options: PostgresOptions): Promise<Listener | 'ended'> {
  const deadline = Date.now() + START_WITHIN_MS;
  const exit = once(server, 'exit').then(() => 'ended' as const);
  let state: Listener | 'ended' = 'nothing';
  while (Date.now() < deadline) {
    if (hasEnded(server)) return 'ended';
    state = await Promise.race([probe(urlOf(options)), exit]);
    if (state === 'ready' || state === 'no_database' || state === 'wrong_credentials') return state;
    await sleep(POLL_MS);
  }
  return state;
}

function wrongPassword({ dataDirectory, user }: PostgresOptions): string {
  return `The database in ${dataDirectory} was made with another password for ${user}: move the folder away to begin anew`;
}

function urlOf({ user, password, host = 'localhost', port, database }: PostgresOptions): string {
  const [name, secret, path] = [user, password, database].map(encodeURIComponent);
  return `postgresql://${name}:${secret}@${host}:${port}/${path}`;
}

/** Escalates SIGINT → SIGQUIT → SIGKILL, so that a frozen server ends too. */
async function end(server: ChildProcess, first: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  for (const signal of new Set([first, 'SIGQUIT', 'SIGKILL'] as const)) {
    if (hasEnded(server)) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await Promise.race([ended, sleep(STOP_WITHIN_MS[signal], undefined, { ref: false })]);
  }
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}
