import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from 'pg-devdb/throw-away';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { familyOf, isRunning, type Started, start, untilGone } from '../helpers/processes.ts';
import { cleanEnvironment, cloneProject } from '../helpers/project.ts';

let clone: ReturnType<typeof cloneProject>;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let port: number;
let command: Started | undefined;

beforeAll(async () => {
  clone = cloneProject();
  database = await createTestDatabase();
  port = await freePort();
});

afterEach(async () => {
  await stop();
});

afterAll(async () => {
  await database.drop();
  clone.remove();
});

function backDev(environment: Record<string, string> = {}): Started {
  const env = cleanEnvironment({ PORT: String(port), DATABASE_URL: database.url, LOG_LEVEL: 'warn', ...environment });
  return start(process.execPath, ['bin/back.js', 'dev'], { cwd: clone.root, env });
}

async function running(): Promise<Started> {
  command = backDev();
  await command.until(/Ctrl-C stops it/);
  return command;
}

async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string | undefined> {
  if (command === undefined) return undefined;
  const { pid, ended } = command;
  command = undefined;
  const family = familyOf(pid);
  if (isRunning(pid)) process.kill(pid, signal);
  for (const member of family) await untilGone(member.pid);
  return ended;
}

const file = (name: string): string => join(clone.root, name);
const live = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/health/live`)).status;

/** Changes a file, puts it back when `look` is done, and waits until the server is ready after each. */
async function whileChanged(
  name: string,
  change: (text: string) => string,
  { output, until }: Started,
  look: (told: () => string) => Promise<void>,
): Promise<void> {
  const text = readFileSync(file(name), 'utf8');
  const before = output().length;
  writeFileSync(file(name), change(text));
  await look(() => output().slice(before));
  writeFileSync(file(name), text);
  const times = output().split('Ready again').length;
  await until(new RegExp(`(Ready again[\\s\\S]*){${times}}`));
}

describe('back dev', { timeout: 120_000 }, () => {
  it('writes .env with a fresh key for its owner only, and leaves one that is there alone', async () => {
    await running();
    const written = readFileSync(file('.env'), 'utf8');
    const example = readFileSync(file('.env.example'), 'utf8');
    const key = /^SECRET_KEY=(\S{64})$/m.exec(written)?.[1];
    expect(written).toBe(example.replace(/^SECRET_KEY=$/m, `SECRET_KEY=${key}`));
    expect(statSync(file('.env')).mode & 0o777).toBe(0o600);
    await stop();
    const { output } = await running();
    expect(output()).not.toContain('.env');
    expect(readFileSync(file('.env'), 'utf8')).toBe(written);
  });

  it('uses the database of DATABASE_URL and starts none', async () => {
    const { output, pid } = await running();
    expect(output()).toContain('Database   the one of DATABASE_URL');
    expect(await live()).toBe(200);
    expect(familyOf(pid).some(({ line }) => line.includes('postgres'))).toBe(false);
    expect(existsSync(file('.data'))).toBe(false);
  });

  it('prints each revision that it applies, each request once, and an error with its source line', async () => {
    const empty = await createTestDatabase();
    const client = new pg.Client(empty.url);
    await client.connect();
    await client.query('drop schema public cascade; create schema public');
    await client.end();
    const health = file('src/app/routes/system/health.ts');
    const text = readFileSync(health, 'utf8');
    writeFileSync(
      health,
      text.replace("async () => ({ status: 'alive' }) as const", "async () => { throw new Error('a slip') }"),
    );
    command = backDev({ DATABASE_URL: empty.url, LOG_FORMAT: 'text', LOG_LEVEL: 'info' });
    await command.until(/Ctrl-C stops it/);
    expect(await live()).toBe(500);
    await fetch(`http://127.0.0.1:${port}/nowhere`);
    await command.until(/GET +\/nowhere +404/);
    const output = command.output();
    writeFileSync(health, text);
    await stop();
    await empty.drop();
    expect(output.match(/^ {2}Applied revision [0-9a-f]+ {2}\S.* \(\d+ ms\)$/gm)?.length).toBeGreaterThan(3);
    expect(output.match(/\/health\/live/g)).toHaveLength(1);
    expect(output).toMatch(/^\d\d:\d\d:\d\d error GET +\/health\/live +500 +[\d.]+ ms\n {4}Error: a slip\n/m);
    expect(output).toMatch(/^ {4}> +\d+ │ .*throw new Error\('a slip'\)/m);
    expect(output).toMatch(/^ {6}at .*src\/app\/routes\/system\/health\.ts:\d+:\d+/m);
  });

  it('restarts at a change, at a new file and at one that an editor replaces', async () => {
    const started = await running();
    const ready = async (what: RegExp): Promise<void> => void (await started.until(what));
    appendFileSync(file('src/app/main.ts'), '\n');
    await ready(/src\/app\/main\.ts changed: restarting …\n +Ready again after \d+ ms/);
    writeFileSync(file('src/app/routes/notes.ts'), 'export {};\n');
    await ready(/routes\/notes\.ts changed: restarting …\n +Ready again/);
    writeFileSync(file('src/app/app.ts~'), readFileSync(file('src/app/app.ts')));
    renameSync(file('src/app/app.ts~'), file('src/app/app.ts'));
    await ready(/app\/app\.ts changed: restarting …\n +Ready again/);
    appendFileSync(file('.env'), '\n# noted\n');
    await ready(/\.env changed: restarting …\n +Ready again/);
    expect(await live()).toBe(200);
  });

  it('shows a syntax error, waits, and goes on when it is mended', async () => {
    const started = await running();
    await whileChanged(
      'src/app/app.ts',
      (text) => `${text}\nconst = 1;\n`,
      started,
      async (told) => {
        await started.until(/The server ended; the next change under src\/ starts it again/);
        expect(told()).toMatch(/SyntaxError/);
        expect(isRunning(started.pid)).toBe(true);
      },
    );
    expect(await live()).toBe(200);
  });

  it('waits after a crash, and stops as usual then', async () => {
    const started = await running();
    const server = familyOf(started.pid).find(({ line }) => line.includes('dev/child.ts'));
    if (server === undefined) throw new Error('the server is not there');
    process.kill(server.pid, 'SIGKILL');
    await started.until(/The server ended/);
    expect(await stop()).toBe(0);
  });

  it('names every bad setting before it does anything', async () => {
    const refused = backDev({ PORT: 'many', BCRYPT_COST: '99', SECRET_KEY: 'short' });
    expect(await refused.ended).toBe(1);
    for (const name of ['PORT', 'BCRYPT_COST', 'SECRET_KEY'])
      expect(refused.output()).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it('says that the port is taken, once it has waited for one that is being left', async () => {
    const thief = createServer().listen(port, '127.0.0.1');
    const refused = backDev();
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(
      new RegExp(`^Port ${port} is taken, perhaps by another "npm run dev": stop it, or set PORT to another one\n$`),
    );
    const late = backDev();
    setTimeout(() => thief.close(), 1000);
    command = late;
    await late.until(/Ctrl-C stops it/);
  });

  it.each([
    [
      { DATABASE_URL: 'postgresql://a:b@127.0.0.1:1/x' },
      /^Nothing answers at 127\.0\.0\.1:1: start PostgreSQL there \(npm run dev does\), or/m,
    ],
    [
      { DATABASE_URL: 'postgresql://a:b@nowhere.invalid/x' },
      /^The host nowhere\.invalid in DATABASE_URL is not known/m,
    ],
    [{ HOST: '192.0.2.1' }, /^This machine has no address 192\.0\.2\.1: set HOST/m],
  ])('says in one sentence what is wrong with %j', async (environment, sentence) => {
    const refused = backDev(environment);
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(sentence);
    expect(refused.output()).not.toMatch(/^ +at /m);
  });

  it('says that the database refuses the password, or is missing', async () => {
    for (const [part, value, sentence] of [
      ['password', 'wrong', /^The database refuses the user or the password in DATABASE_URL$/m],
      ['password', '', /^The database refuses the user or the password in DATABASE_URL$/m],
      ['pathname', '/absent', /^The database of DATABASE_URL is missing \(database "absent" does not exist\)/m],
    ] as const) {
      const refused = backDev({ DATABASE_URL: Object.assign(new URL(database.url), { [part]: value }).href });
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toMatch(sentence);
    }
  });
});
