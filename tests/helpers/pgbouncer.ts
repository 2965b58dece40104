import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { isListening } from 'pg-devdb/probe';
import { freePort } from 'pg-devdb/throw-away';

const PROGRAMS = [
  '/usr/sbin/pgbouncer',
  '/usr/bin/pgbouncer',
  '/usr/local/bin/pgbouncer',
  '/opt/homebrew/bin/pgbouncer',
];
const START_WITHIN_MS = 5000;

/** Where PgBouncer is installed, if it is. */
export const pgbouncerProgram = PROGRAMS.find((path) => existsSync(path));

/** A running PgBouncer. */
export interface Pgbouncer {
  readonly url: string;
  readonly port: number;
  /** A command of its console, such as PAUSE. */
  command: (text: string) => Promise<Record<string, unknown>[]>;
  /** Ends it with its connections and starts it again on the same port. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
}

/** PgBouncer in transaction mode, or as `settings` say, before the server at `url`, with few connections of its own, on a free port. */
export async function startPgbouncer(url: string, settings: Record<string, string | number> = {}): Promise<Pgbouncer> {
  const { hostname, port: serverPort, username, password } = new URL(url);
  const folder = mkdtempSync(join(tmpdir(), 'back-pgbouncer-'));
  // Started as root it becomes another user, who has to read its files.
  chmodSync(folder, 0o755);
  const users = join(folder, 'users.txt');
  writeFileSync(users, `"${username}" "${password}"\n`);
  const port = await freePort();
  const config = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    auth_type: 'any',
    auth_file: users,
    pool_mode: 'transaction',
    default_pool_size: 8,
    max_client_conn: 200,
    unix_socket_dir: '',
    ignore_startup_parameters: 'extra_float_digits',
    admin_users: username,
    ...settings,
  };
  const lines = Object.entries(config).map(([name, value]) => `${name} = ${value}`);
  const server = `* = host=${hostname} port=${serverPort} user=${username} password=${password}`;
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, `[databases]\n${server}\n\n[pgbouncer]\n${lines.join('\n')}\n`);
  let child = await launch(file, port);
  const pooled = new URL(url);
  pooled.host = `127.0.0.1:${port}`;
  const console = new URL(pooled);
  console.pathname = '/pgbouncer';
  return {
    url: pooled.href,
    port,
    command: async (text) => {
      const client = new pg.Client(console.href);
      await client.connect();
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.end();
      }
    },
    restart: async () => {
      await end(child);
      child = await launch(file, port);
    },
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(file: string, port: number): Promise<ChildProcess> {
  if (pgbouncerProgram === undefined) throw new Error('pgbouncer is not installed');
  const asRoot = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(pgbouncerProgram, [...asRoot, file], { stdio: 'ignore' });
  const deadline = Date.now() + START_WITHIN_MS;
  while (!(await isListening('127.0.0.1', port))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('pgbouncer did not start');
  }
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
