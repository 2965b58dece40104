import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from 'pg-devdb/throw-away';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { PASSWORD, SECRET_KEY } from '../helpers/api.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { familyOf, isRunning, type Started, start, untilGone } from '../helpers/processes.ts';
import { cleanEnvironment } from '../helpers/project.ts';

const BACK = join(import.meta.dirname, '../../bin/back.js');

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const started: Started[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
});
afterAll(() => database.drop());

/** `back run` with exactly these settings; nothing of a developer's `.env`. */
function run(settings: Record<string, string>): Started {
  const environment = cleanEnvironment({ LOG_LEVEL: 'info', BCRYPT_COST: '10', ...settings });
  const program = start(process.execPath, [BACK, 'run'], { env: environment, cwd: '/' });
  started.push(program);
  return program;
}

async function serve(more: Record<string, string> = {}): Promise<{ program: Started; url: string; port: number }> {
  const port = await freePort();
  const program = run({ SECRET_KEY, DATABASE_URL: database.url, PORT: String(port), ...more });
  await program.until(/Server listening/);
  return { program, port, url: `http://127.0.0.1:${port}` };
}

const json = (body: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('back run', () => {
  it.each([
    ['nothing at all', {}, ['SECRET_KEY is required', 'DATABASE_URL is required in production']],
    ['a placeholder', { SECRET_KEY: 'change-me-change-me-change-me-change-me' }, ['SECRET_KEY is a placeholder']],
    ['a short key', { SECRET_KEY: 'too-short-1234567890' }, ['SECRET_KEY must be at least 32 bytes long']],
    ['a key of one letter', { SECRET_KEY: 'a'.repeat(64) }, ['SECRET_KEY has fewer than 10 different characters']],
    [
      'several mistakes',
      { SECRET_KEY, PORT: 'x', POOL_SIZE: '0', ALGORITHM: 'none', TRUSTED_PROXIES: '10.0.0.0/99', WORKERS: '-1' },
      [
        'PORT must be',
        'POOL_SIZE must be',
        'ALGORITHM must be',
        'TRUSTED_PROXIES has "10.0.0.0/99"',
        'WORKERS must be',
      ],
    ],
  ])(
    'refuses %s, names every problem at once, and repeats no key',
    async (_what, settings: Record<string, string>, sentences) => {
      const program = run(settings);
      expect(await program.ended).toBe(1);
      for (const sentence of sentences) expect(program.output()).toContain(sentence);
      if (settings.SECRET_KEY) expect(program.output()).not.toContain(settings.SECRET_KEY);
      expect(program.output()).not.toMatch(/^\s+at /m);
    },
  );

  it('says which revisions are pending, and does not apply them', async () => {
    const admin = new pg.Client(inject('postgres_url'));
    await admin.connect();
    await admin.query('create database never_migrated');
    const url = new URL(inject('postgres_url'));
    url.pathname = '/never_migrated';
    const { program, url: api } = await serve({ DATABASE_URL: url.href });
    await program.until(/"event":"migrations.pending".*npx back upgrade head/);
    expect((await fetch(`${api}/health/ready`)).status).toBe(503);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    const direct = new pg.Client(url.href);
    await direct.connect();
    expect((await direct.query(`select to_regclass('users') as users`)).rows).toEqual([{ users: null }]);
    await direct.end();
    await admin.query('drop database never_migrated with (force)');
    await admin.end();
  });

  it('says in one sentence that its port is taken', async () => {
    const { port } = await serve();
    const second = run({ SECRET_KEY, DATABASE_URL: database.url, PORT: String(port) });
    expect(await second.ended).toBe(1);
    expect(second.output().trim()).toBe(`Port ${port} is taken: stop what listens there, or set PORT to another one`);
  });

  it('says that HOST is unknown, and not the host of the database', async () => {
    const program = run({ SECRET_KEY, DATABASE_URL: database.url, HOST: 'http://localhost' });
    expect(await program.ended).toBe(1);
    expect(program.output()).toContain('HOST must be an address of this machine, or a name of one');
    expect(program.output()).not.toContain('DATABASE_URL');
  });

  it('starts while the database is away, and says so', async () => {
    const { program, url } = await serve({ DATABASE_URL: 'postgresql://postgres:root@127.0.0.1:1/none' });
    const began = performance.now();
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toEqual([
      503,
      { status: 'unhealthy', database: 'disconnected', api: 'ok' },
    ]);
    expect(performance.now() - began).toBeLessThan(3000);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });
});

describe('an error that nobody caught', () => {
  it.each([
    ['thrown in a timer', "setTimeout(() => { throw new Error('out of the blue'); }, 300)"],
    ['of a promise', "setTimeout(() => Promise.reject(new Error('out of the blue')), 300)"],
    ['of an emitter', "setTimeout(() => new EventEmitter().emit('error', new Error('out of the blue')), 300)"],
  ])('%s is logged once, and the process ends with 1', async (_where, failure) => {
    const main = join(import.meta.dirname, '../../src/app/main.ts');
    const config = join(import.meta.dirname, '../../src/app/config.ts');
    const program = `
      import { EventEmitter } from 'node:events';
      import { serve } from ${JSON.stringify(main)};
      import { loadConfig } from ${JSON.stringify(config)};
      await serve(loadConfig(process.env));
      ${failure};`;
    const env = cleanEnvironment({ SECRET_KEY, DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'info' });
    const child = start(process.execPath, ['--input-type=module-typescript', '--eval', program], { env, cwd: '/' });
    started.push(child);
    expect(await child.ended).toBe(1);
    const lines = child.output().match(/"event":"process.failed".*out of the blue/g);
    expect(lines).toHaveLength(1);
  });
});

describe('SIGTERM', () => {
  it('finishes what is in flight, closes idle keep-alive connections and exits with 0; nothing acknowledged is lost', async () => {
    const { program, url, port } = await serve({ RATE_LIMITS: 'false' });
    const accounts = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        const email = `drain-${n}@example.com`;
        const answer = await fetch(`${url}/auth/register`, json({ email, password: PASSWORD }));
        return { ...((await answer.json()) as { access_token: string }), email, acknowledged: 0 };
      }),
    );
    const idle = new Agent({ keepAlive: true });
    await new Promise((resolve) =>
      request({ port, agent: idle, path: '/health/live' }, (answer) => answer.resume().once('end', resolve)).end(),
    );
    const failures: unknown[] = [];
    let stopping = false;
    const worker = async (account: (typeof accounts)[number]): Promise<void> => {
      for (let number = 1; !stopping; number++) {
        const answer = await fetch(`${url}/auth/me`, {
          ...json({ name: String(number) }),
          method: 'PATCH',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${account.access_token}` },
        }).catch((error: unknown) => {
          if (!stopping) failures.push(error);
          return undefined;
        });
        if (answer?.status === 200) account.acknowledged = number;
        else if (answer !== undefined && answer.status !== 503) failures.push(answer.status);
      }
    };
    const workers = accounts.map(worker);
    // A login in flight: it hashes for longer than the signal takes to arrive.
    const login = fetch(`${url}/auth/login`, json({ email: 'drain-0@example.com', password: PASSWORD }));
    await sleep(300);
    const began = performance.now();
    stopping = true;
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    await Promise.all(workers);
    expect((await login).status).toBe(200);
    expect(failures).toEqual([]);
    const client = new pg.Client(database.url);
    await client.connect();
    const { rows } = await client.query(`select email, name from users where email like 'drain-%'`);
    await client.end();
    expect(accounts.some(({ acknowledged }) => acknowledged > 0)).toBe(true);
    const kept = new Map(rows.map(({ email, name }) => [email, Number(name)]));
    expect(accounts.filter(({ email, acknowledged }) => (kept.get(email) ?? 0) < acknowledged)).toEqual([]);
    idle.destroy();
  });

  it('with STOP_DELAY_SECONDS it takes readiness away first and serves on until load balancers have seen that', async () => {
    const { program, url } = await serve({ STOP_DELAY_SECONDS: '2' });
    const registered = await fetch(`${url}/auth/register`, json({ email: 'late@example.com', password: PASSWORD }));
    const { access_token } = (await registered.json()) as { access_token: string };
    const get = async (path: string) => {
      const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${access_token}` } });
      return { status: answer.status, connection: answer.headers.get('connection'), body: await answer.json() };
    };
    expect(await get('/health/ready')).toMatchObject({ status: 200, body: { shutting_down: false } });
    const began = performance.now();
    program.child.kill('SIGTERM');
    await program.until(/"event":"process.stopping"/);
    expect(await get('/health/ready')).toMatchObject({ status: 503, body: { shutting_down: true } });
    // Whoever has a connection here is told to open the next one elsewhere.
    expect(await get('/auth/me')).toMatchObject({ status: 200, connection: 'close' });
    expect(await program.ended).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(1900);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('%s after it ends a process that does not come to an end', async (second) => {
    const { program, port } = await serve();
    // A request whose body never comes keeps the server waiting.
    const stuck = request({
      port,
      path: '/auth/login',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 100 },
    });
    stuck.on('error', () => {});
    stuck.write('{');
    await sleep(200);
    const server = familyOf(program.pid).find(({ line }) => line.includes('src/cli/main.ts'));
    process.kill(server?.pid ?? 0, 'SIGTERM');
    await program.until(/"event":"process.stopping"/);
    process.kill(server?.pid ?? 0, second);
    expect(await program.ended).toBe(1);
  });
});

describe('WORKERS=2', () => {
  it('serves from two processes, replaces one that is killed, and stops with both', async () => {
    const port = await freePort();
    const program = run({ SECRET_KEY, DATABASE_URL: database.url, PORT: String(port), WORKERS: '2' });
    await program.until(/listening[\s\S]*listening/);
    const workers = (): number[] =>
      familyOf(program.pid)
        .filter(({ line }) => line.includes('src/app/main.ts'))
        .map(({ pid }) => pid);
    const [first = 0, second = 0, ...others] = workers();
    expect([first > 0, second > 0, others]).toEqual([true, true, []]);
    // A worker that dies at once would die again; this one has served for a while.
    await sleep(3200);
    process.kill(first, 'SIGKILL');
    await untilGone(first);
    await program.until(/listening[\s\S]*listening[\s\S]*listening/);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    const all = workers();
    expect(all).toHaveLength(2);
    program.child.kill('SIGTERM');
    const [code] = await once(program.child, 'exit');
    expect(code).toBe(0);
    expect(all.filter(isRunning)).toEqual([]);
  });
});
