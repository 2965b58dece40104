import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isListening } from 'pg-devdb/probe';
import { freePort } from 'pg-devdb/throw-away';

const PROGRAMS = [
  '/usr/sbin/haproxy',
  '/usr/local/sbin/haproxy',
  '/usr/local/bin/haproxy',
  '/opt/homebrew/bin/haproxy',
];
const CONFIGURATION = join(import.meta.dirname, '../../deploy/haproxy.cfg');
const START_WITHIN_MS = 5000;

/** Where HAProxy is installed, if it is. */
export const haproxyProgram = PROGRAMS.find((path) => existsSync(path));

/** HAProxy as `deploy/haproxy.cfg` has it, on a free port, before these ports; answers name their replica in `x-replica`. */
export async function startHaproxy(ports: readonly number[]): Promise<{ url: string; stop: () => Promise<void> }> {
  if (haproxyProgram === undefined) throw new Error('haproxy is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'back-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const port = await freePort();
  writeFileSync(file, configurationFor(port, ports));
  const child = spawn(haproxyProgram, ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  const deadline = Date.now() + START_WITHIN_MS;
  while (!(await isListening('127.0.0.1', port))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`haproxy did not start: ${complaints}`);
  }
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(child, folder) };
}

/** What is deployed, but for the addresses and the time between two checks. */
function configurationFor(port: number, ports: readonly number[]): string {
  const servers = ports.map((port, index) => `  server replica-${index + 1} 127.0.0.1:${port}`).join('\n');
  const changes: [from: RegExp, to: string][] = [
    [/^ {2}bind :8080$/m, `  bind 127.0.0.1:${port}`],
    [/^ {2}server-template .*$/m, `  http-response set-header x-replica %s\n${servers}`],
    [/\binter 1s\b/, 'inter 100ms'],
  ];
  return changes.reduce(
    (text, [from, to]) => {
      if (!from.test(text)) throw new Error(`deploy/haproxy.cfg has no line for ${from}`);
      return text.replace(from, to);
    },
    readFileSync(CONFIGURATION, 'utf8'),
  );
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
