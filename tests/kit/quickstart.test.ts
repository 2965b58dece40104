import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Network, networkWithPorts, requestFrom } from '../helpers/network.ts';
import { familyOf, type Started, start, untilGone } from '../helpers/processes.ts';
import { cleanEnvironment, cloneProject } from '../helpers/project.ts';

const API = 'http://localhost:8000';
const ACCOUNT = { email: 'ada@example.com', password: 'correct horse battery staple' };
const BANNER = /Ctrl-C stops it/;

let clone: ReturnType<typeof cloneProject>;
let network: Network | string;
let command: Started | undefined;

beforeAll(async () => {
  clone = cloneProject();
  network = await networkWithPorts([5432, 8000]);
});

afterEach(async () => {
  if (command !== undefined) await stopAll(command, 'SIGTERM');
  command = undefined;
});

afterAll(() => {
  if (typeof network === 'object') network.remove();
  clone.remove();
});

function npmRunDev(): Started {
  if (typeof network === 'string') throw new Error(network);
  const [program = '', ...args] = [...network.prefix, 'npm', 'run', 'dev'];
  return start(program, args, { cwd: clone.root, env: cleanEnvironment() });
}

async function running(): Promise<Started> {
  command = npmRunDev();
  await command.until(BANNER, 60_000);
  return command;
}

/** Signals npm and waits until everything it has started is gone. */
async function stopAll({ pid, ended }: Started, signal: NodeJS.Signals): Promise<number | string> {
  const family = familyOf(pid);
  if (family.length > 0) process.kill(pid, signal);
  for (const member of family) await untilGone(member.pid);
  return ended;
}

function call(path: string, init: Parameters<typeof requestFrom>[2] = {}): ReturnType<typeof requestFrom> {
  if (typeof network === 'string') throw new Error(network);
  return requestFrom(network, `${API}${path}`, init);
}

function login(): string {
  const { status, body } = call('/auth/login', { method: 'POST', body: ACCOUNT });
  expect(status).toBe(200);
  return String(body.access_token);
}

describe('npm run dev on a fresh clone', { timeout: 120_000 }, () => {
  beforeEach((context) => {
    if (typeof network === 'string') context.skip(network);
  });

  it('serves on localhost:8000 with a database of its own; an account survives a kill', async () => {
    const first = await running();
    expect(first.output()).toMatch(
      /Wrote \.env with a new SECRET_KEY[\s\S]*Creating the database[\s\S]*Starting Postgr/,
    );
    for (const line of ['API   http://localhost:8000', '/docs', '/health', 'embedded PostgreSQL 17', 'create-admin']) {
      expect(first.output()).toContain(line);
    }
    expect(statSync(join(clone.root, '.env')).mode & 0o777).toBe(0o600);
    expect(call('/health')).toEqual({ status: 200, body: { status: 'healthy', database: 'connected', api: 'ok' } });
    expect(call('/auth/register', { method: 'POST', body: ACCOUNT }).status).toBe(201);
    const me = call('/auth/me', { headers: { authorization: `Bearer ${login()}` } });
    expect(me).toMatchObject({ status: 200, body: { email: ACCOUNT.email } });
    expect(await stopAll(first, 'SIGKILL')).toBe('SIGKILL');

    const second = await running();
    expect(second.output()).not.toMatch(/Wrote|Creating/);
    login();
  });

  it.each(['bin/back.js', 'src/cli/main.ts'])('leaves nothing behind when %s is killed', async (part) => {
    const { pid } = await running();
    const family = familyOf(pid);
    expect(family.some(({ line }) => line.includes('bin/postgres'))).toBe(true);
    const victim = family.find(({ line }) => line.includes(part));
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    for (const member of family) await untilGone(member.pid);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops at %s with exit code 0 and leaves nothing behind', async (signal) => {
    const started = await running();
    expect(await stopAll(started, signal)).toBe(0);
    expect(existsSync(join(clone.root, '.data/postgres/postmaster.pid'))).toBe(false);
    expect(readFileSync(join(clone.root, '.data/postgres.log'), 'utf8')).toMatch(/database system is shut down\n$/);
  });

  it('stops at Ctrl-C, which a terminal sends to npm and to us', async () => {
    const started = await running();
    const family = familyOf(started.pid);
    process.kill(-started.pid, 'SIGINT');
    for (const member of family) await untilGone(member.pid);
    expect(await started.ended).toBe(0);
  });

  it('tells a second one that it runs already', async () => {
    await running();
    const second = npmRunDev();
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/^Port 8000 is taken, perhaps by another "npm run dev": stop it, or set PORT/m);
    expect(call('/health').status).toBe(200);
  });

  it('says that something else has port 5432', async () => {
    if (typeof network === 'string') throw new Error(network);
    const listen = `require('node:net').createServer((s) => s.on('error', () => {}).end('220 hello')).listen(5432, '127.0.0.1', () => console.log('up'))`;
    const [program = '', ...args] = [...network.prefix, process.execPath, '-e', listen];
    const thief = start(program, args);
    await thief.until(/up/);
    const started = npmRunDev();
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(
      /^Port 5432 is taken by something that is not PostgreSQL; stop it, or set DATABASE_URL$/m,
    );
    thief.child.kill();
    await once(thief.child, 'exit');
  });
});
