import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ERROR_CODES } from '../../src/app/utils/error-codes.ts';
import { PASSWORD } from '../helpers/api.ts';
import { startWithNotes } from '../helpers/test-product.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/frontend.md'), 'utf8');
const [client = '', usage = ''] = [...GUIDE.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, text]) => text);

interface Session {
  open: (path: string, body: object) => Promise<void>;
  call: <Body>(path: string, request?: { method?: string; body?: object }) => Promise<Body>;
  close: () => Promise<void>;
}

/** What the guide's file exports. */
interface Client {
  createSession: (base: string, options: { store: Store; onEnd: (code: string) => void }) => Session;
  fieldErrors: (problem: object) => Record<string, string>;
}

interface Store {
  load: () => Promise<string | undefined>;
  save: (token: string | undefined) => Promise<void>;
}

/** How far the API's clock is ahead of the client's. */
let ahead_ms = 0;
const api = startWithNotes({}, { clock: { now: () => new Date(Date.now() + ahead_ms) } });
const folder = mkdtempSync(join(tmpdir(), 'back-frontend-'));
let module: Client;
let base: string;

beforeAll(async () => {
  const path = join(folder, 'session.mjs');
  writeFileSync(path, stripTypeScriptTypes(client));
  module = await import(/* @vite-ignore */ path);
  base = `http://127.0.0.1:${await api.listen()}`;
});

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  ahead_ms = 0;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the client of docs/guides/frontend.md', () => {
  it('compiles, and so does its use', () => {
    const declared =
      'declare const store: Store, email: string, password: string;\ndeclare function showLogin(): void;';
    writeFileSync(join(folder, 'client.mts'), `${client}\n${declared}\n${usage}\nexport { items };\n`);
    const options = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--lib', 'es2024,dom'];
    const { stdout, status } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), [...options, 'client.mts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });

  it('refreshes once for all calls of the same moment, before the token expires', async () => {
    const { session, email } = await opened();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3600_000 - 29_000 });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => session.call<{ email: string }>('/auth/me')));
    expect(answers.map((me) => me.email)).toEqual(Array(5).fill(email));
    expect(await counterOf(email)).toBe(1);
  });

  it('refreshes after token_expired, and repeats the request', async () => {
    const { session, email } = await opened();
    ahead_ms = 3600_000;
    const created = await session.call<{ title: string }>('/kit-notes', { method: 'POST', body: { title: 'once' } });
    expect(created.title).toBe('once');
    const { items } = await session.call<{ items: object[] }>('/kit-notes');
    expect(items).toHaveLength(1);
    expect(await counterOf(email)).toBe(1);
  });

  it('asks again with the same refresh token when an answer is lost', async () => {
    const { session, email, store } = await opened();
    const { fetch } = globalThis;
    let lost = 0;
    vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
      const answer = await fetch(...request);
      if (String(request[0]).endsWith('/auth/refresh') && lost++ === 0) throw new TypeError('fetch failed');
      return answer;
    });
    ahead_ms = 3600_000;
    expect(await session.call<{ email: string }>('/auth/me')).toMatchObject({ email });
    expect(lost).toBe(2);
    expect(await counterOf(email)).toBe(1);
    const again = module.createSession(base, { store, onEnd: () => {} });
    expect(await again.call('/auth/me')).toMatchObject({ email });
  });

  it('goes on from the stored refresh token after a restart', async () => {
    const { store, email } = await opened();
    const restarted = module.createSession(base, { store, onEnd: () => {} });
    expect(await restarted.call('/auth/me')).toMatchObject({ email });
  });

  it('forgets the pair when the session has ended, and says why', async () => {
    const { session, store, email, ended } = await opened();
    await api.sql('delete from sessions where user_id = (select id from users where email = $1)', [email]);
    await expect(session.call('/auth/me')).rejects.toThrow('session has ended');
    expect(ended).toEqual(['session_ended']);
    expect(await store.load()).toBeUndefined();
  });

  it('keeps the session when a password is wrong, and names the fields of a form', async () => {
    const { session, ended } = await opened();
    const wrong = session.call('/auth/me', { method: 'DELETE', body: { password: 'not the password' } });
    await expect(wrong).rejects.toMatchObject({ problem: { code: 'invalid_credentials', status: 401 } });
    const refusal = session.call('/kit-notes', { method: 'POST', body: { title: '' } });
    const { problem } = await refusal.then(
      () => expect.fail('accepted'),
      (error) => error,
    );
    expect(module.fieldErrors(problem)).toEqual({ title: expect.any(String) });
    expect(await session.call('/kit-notes')).toMatchObject({ items: [] });
    expect(ended).toEqual([]);
  });

  it('ends the session with its access token expired, too', async () => {
    const { session, store, email } = await opened();
    ahead_ms = 3600_000;
    await session.close();
    expect(await store.load()).toBeUndefined();
    expect(await api.sql('select 1 from sessions join users on users.id = user_id where email = $1', [email])).toEqual(
      [],
    );
  });
});

describe('docs/guides/frontend.md', () => {
  it('says what to do on every code, with its status', () => {
    const rows = [...GUIDE.matchAll(/^\| `([a-z_]+)` \| (\d+) \| \S.* \|$/gm)].map(([, code, status]) => [
      code,
      status,
    ]);
    expect(rows).toEqual(Object.entries(ERROR_CODES).map(([code, { status }]) => [code, String(status)]));
  });
});

let count = 0;

async function opened(): Promise<{ session: Session; store: Store; email: string; ended: string[] }> {
  const email = `client-${++count}@example.com`;
  const ended: string[] = [];
  let kept: string | undefined;
  const store: Store = {
    load: async () => kept,
    save: async (token) => {
      kept = token;
    },
  };
  const session = module.createSession(base, { store, onEnd: (code) => void ended.push(code) });
  await session.open('/auth/register', { email, password: PASSWORD });
  return { session, store, email, ended };
}

async function counterOf(email: string): Promise<number | undefined> {
  const rows = await api.sql<{ counter: number }>(
    'select counter::int from sessions join users on users.id = user_id where email = $1',
    [email],
  );
  return rows[0]?.counter;
}
