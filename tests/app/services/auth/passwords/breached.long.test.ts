import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTrace, newUsage } from '../../../../../src/app/observability/trace.ts';
import { createBreachedPasswords } from '../../../../../src/app/services/auth/passwords/breached.ts';
import { PASSWORD, startApi, testConfig } from '../../../../helpers/api.ts';
import { startSilentServer } from '../../../../helpers/silent-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'breached-'));
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();
const leaked = 'a leaked passphrase of some length';

let answer: RequestListener = (_request, response) => response.end();
const asked: { url: string; padding: unknown }[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', padding: request.headers['add-padding'] });
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

/** A file as Have I Been Pwned gives it out, of `count` other passwords and those given. */
function breachFile(name: string, passwords: string[], options: { count?: number; line_end?: string } = {}): string {
  const { count = 1000, line_end = '\r\n' } = options;
  const others = Array.from({ length: count }, (_, n) => `other-${n}`);
  const lines = [...others, ...passwords].map((password, n) => `${sha1(password)}:${(n * 7919) % 100_000}`).sort();
  const path = join(folder, name);
  writeFileSync(path, lines.join(line_end) + line_end);
  return path;
}

function breached(environment: Record<string, string>) {
  const warnings: Record<string, unknown>[] = [];
  const quiet = () => {};
  const log = {
    debug: quiet,
    info: quiet,
    error: quiet,
    fatal: quiet,
    warn: (line: object) => warnings.push({ ...line }),
  };
  const config = testConfig('postgresql://nowhere/none', environment);
  return { ...createBreachedPasswords({ config, log }), warnings };
}

describe('the offline file', () => {
  it.each([0, 1, 2, 3, 1000])('finds every line and nothing else among %i others', async (count) => {
    const { includes, warnings } = breached({ PASSWORD_BREACH_FILE: breachFile(`f${count}`, [leaked], { count }) });
    expect(await includes(leaked)).toBe(true);
    for (let n = 0; n < Math.min(count, 300); n++) expect(await includes(`other-${n}`)).toBe(true);
    for (let n = 0; n < 300; n++) expect(await includes(`unknown-${n}`)).toBe(false);
    expect(warnings).toEqual([]);
  });

  it('may have bare hashes, lower case and line feeds only', async () => {
    const path = join(folder, 'bare');
    writeFileSync(
      path,
      [leaked, 'b', 'c']
        .map((text) => sha1(text).toLowerCase())
        .sort()
        .join('\n'),
    );
    const { includes } = breached({ PASSWORD_BREACH_FILE: path });
    expect(await includes(leaked)).toBe(true);
    expect(await includes('d')).toBe(false);
  });

  it('is looked at before anything starts', () => {
    writeFileSync(join(folder, 'words'), 'password\n123456\n');
    writeFileSync(join(folder, 'unsorted'), `${'F'.repeat(40)}:1\n${'0'.repeat(40)}:1\n`);
    writeFileSync(join(folder, 'empty'), '');
    for (const name of ['words', 'unsorted', 'empty', 'missing'])
      expect(() => breached({ PASSWORD_BREACH_FILE: join(folder, name) })).toThrow(/PASSWORD_BREACH_FILE names/);
  });

  it('that goes away later lets passwords through and says so', async () => {
    const path = breachFile('going', [leaked]);
    const { includes, warnings } = breached({ PASSWORD_BREACH_FILE: path });
    rmSync(path);
    expect(await includes(leaked)).toBe(false);
    expect(warnings).toMatchObject([{ event: 'password.breach_check_failed' }]);
  });
});

describe('the range service', () => {
  it('is told five digits of a hash and finds the rest in its answer', async () => {
    answer = (request, response) => {
      const isOurs = request.url === `/range/${sha1(leaked).slice(0, 5)}`;
      response.end(
        ['0'.repeat(35), isOurs ? sha1(leaked).slice(5) : '1'.repeat(35)].map((hash) => `${hash}:3`).join('\r\n'),
      );
    };
    const { includes } = breached({ PASSWORD_BREACH_URL: url });
    expect(await includes(leaked)).toBe(true);
    expect(await includes('another one')).toBe(false);
    expect(asked.at(-1)).toEqual({ url: `/range/${sha1('another one').slice(0, 5)}`, padding: 'true' });
  });

  it('does not mean its padding, which has count 0', async () => {
    answer = (_request, response) => response.end(`${sha1(leaked).slice(5)}:0\r\n`);
    expect(await breached({ PASSWORD_BREACH_URL: url }).includes(leaked)).toBe(false);
  });

  it.each<[string, RequestListener]>([
    ['answers 503', (_request, response) => response.writeHead(503).end('later')],
    ['leads elsewhere', (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['hangs up', (request) => request.socket.destroy()],
    ['never answers', () => {}],
    ['stops in the middle', (_request, response) => void response.writeHead(200).write('0')],
    ['sends a gigabyte', (_request, response) => pour(response)],
  ])('that %s lets passwords through within its three seconds and says so', async (_what, listener) => {
    answer = listener;
    const { includes, warnings } = breached({ PASSWORD_BREACH_URL: url });
    const started = performance.now();
    const before = process.memoryUsage().arrayBuffers;
    expect(await includes(leaked)).toBe(false);
    expect(performance.now() - started).toBeLessThan(4500);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
    expect(warnings).toMatchObject([{ event: 'password.breach_check_failed' }]);
  });

  it('that never answers has a quarter of the places for one network: passwords of another one are looked up meanwhile', async () => {
    let held = 0;
    const full = Promise.withResolvers<void>();
    answer = (request, response) => {
      const isOurs = request.url === `/range/${sha1(leaked).slice(0, 5)}`;
      if (isOurs) response.end(`${sha1(leaked).slice(5)}:3\r\n`);
      else if (++held === 16) full.resolve();
    };
    const { includes, warnings } = breached({ PASSWORD_BREACH_URL: url });
    const from = (ip: string, password: string) =>
      inTrace({ ip, usage: newUsage(), span: undefined }, () => includes(password));
    const crowd = Promise.allSettled(Array.from({ length: 150 }, (_, n) => from('192.0.2.1', `crowd ${n}`)));
    await full.promise;
    expect(await from('198.51.100.1', leaked)).toBe(true);
    expect(held).toBe(16);
    const outcomes = (await crowd).map((one) => (one.status === 'rejected' ? one.reason.code : one.value));
    // Two rounds begin within the six seconds that a password waits, and some of a third one at their very end.
    const passed = outcomes.filter((outcome) => outcome === false).length;
    expect(passed).toBeGreaterThanOrEqual(32);
    expect(passed).toBeLessThanOrEqual(48);
    expect(outcomes.filter((outcome) => outcome === 'service_unavailable')).toHaveLength(150 - passed);
    expect(warnings).toHaveLength(passed);
  });

  it('is called by https only, but on this machine', () => {
    for (const bad of ['http://api.example.com/range/', 'ftp://localhost/', 'nonsense', 'https://x.example/?q='])
      expect(() => breached({ PASSWORD_BREACH_URL: bad })).toThrow(/PASSWORD_BREACH_URL must be an https URL/);
    expect(
      testConfig('postgresql://nowhere/none', { PASSWORD_BREACH_URL: 'https://x.example/range' }).password_breach_url,
    ).toBe('https://x.example/range/');
  });
});

describe('a new password that has leaked', () => {
  const api = startApi({ PASSWORD_BREACH_FILE: breachFile('api', [leaked]) });

  it('opens no account and changes none', async () => {
    const register = {
      method: 'POST',
      url: '/auth/register',
      payload: { email: 'b@example.com', password: leaked },
    } as const;
    const refused = await api.request(register);
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'password_breached']);
    expect(refused.json().errors).toMatchObject([{ loc: ['body', 'password'], type: 'password_breached' }]);
    expect(await api.sql('select 1 from users')).toEqual([]);

    const admin = await api.admin();
    const payload = { current_password: PASSWORD, new_password: leaked };
    const change = await api.request({ method: 'POST', url: '/auth/me/password', payload, token: admin.access_token });
    expect(change.json().errors).toMatchObject([{ loc: ['body', 'new_password'], type: 'password_breached' }]);
    const made = await api.request({ ...register, url: '/users', token: admin.access_token });
    expect(made.json().code).toBe('password_breached');
    const login = { method: 'POST', url: '/auth/login', payload: { email: admin.email, password: PASSWORD } } as const;
    expect((await api.request(login)).statusCode).toBe(200);
  });
});

describe('a service of leaked passwords that never answers', async () => {
  const { host, stop } = await startSilentServer();
  const api = startApi({ PASSWORD_BREACH_URL: `http://${host}/range/` });
  afterAll(stop);

  it('holds a registration up for its three seconds, then the account is there', async () => {
    const began = performance.now();
    await api.user();
    expect(performance.now() - began).toBeGreaterThan(2900);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(api.logs).toContainEqual(expect.objectContaining({ event: 'password.breach_check_failed' }));
  });
});

/** Sends as much as the reader takes, up to a gigabyte. */
function pour(response: ServerResponse): void {
  const block = Buffer.alloc(1 << 16, '0');
  let left = 1 << 14;
  response.writeHead(200);
  const more = (): void => {
    while (left-- > 0) if (!response.write(block)) return void response.once('drain', more);
    response.end();
  };
  response.on('error', () => {});
  more();
}
