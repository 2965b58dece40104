import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isListening } from '../../src/devdb/probe.ts';
import { freePort } from '../../src/devdb/throw-away.ts';

const PROGRAMS = [
  '/usr/sbin/pgbouncer',
  '/usr/bin/pgbouncer',
  '/usr/local/bin/pgbouncer',
  '/opt/homebrew/bin/pgbouncer',
];
const START_WITHIN_MS = 5000;

/** Where PgBouncer is installed, if it is. */
export const pgbouncerProgram = PROGRAMS.find((path) => existsSync(path));

/** PgBouncer in transaction mode, or as `settings` say, before the server at `url`, with few connections of its own, on a free port. */
export async function startPgbouncer(
  url: string,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<{ url: string; stop: () => Promise<void> }> {
  if (pgbouncerProgram === undefined) throw new Error('pgbouncer is not installed');
  const { hostname, port: serverPort, username, password } = new URL(url);
  const folder = mkdtempSync(join(tmpdir(), 'back-pgbouncer-'));
  // Started as root it becomes somebody else, who has to read its files.
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
    ...settings,
  };
  const lines = Object.entries(config).map(([name, value]) => `${name} = ${value}`);
  const server = `* = host=${hostname} port=${serverPort} user=${username} password=${password}`;
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, `[databases]\n${server}\n\n[pgbouncer]\n${lines.join('\n')}\n`);
  const asRoot = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(pgbouncerProgram, [...asRoot, file], { stdio: 'ignore' });
  const deadline = Date.now() + START_WITHIN_MS;
  while (!(await isListening('127.0.0.1', port))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('pgbouncer did not start');
  }
  const pooled = new URL(url);
  pooled.host = `127.0.0.1:${port}`;
  return {
    url: pooled.href,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
