import type { InjectOptions } from 'fastify';
import type pg from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { PoolClient } from '../../src/app/utils/pool.ts';
import { PASSWORD, startApi, type TestUser } from '../helpers/api.ts';

const ROWS = 20_000;
/** Below this a table is read whole because that is cheapest, which says nothing. */
const TABLES = new Set(['users', 'sessions', 'items']);

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: Plan[];
}

interface Statement {
  text: string;
  values: unknown[];
}

const api = startApi();
let user: TestUser;
let admin: TestUser;

beforeAll(async () => {
  await api.sql(
    `insert into users (id, email, password_hash, role)
     select gen_random_uuid(), 'filler-' || n || '@example.com', '-', 'user' from generate_series(1, $1::int) as n`,
    [ROWS],
  );
  await api.sql(`insert into sessions (id, user_id, expires_at)
    select gen_random_uuid(), id, now() + interval '30 days' from users`);
  await api.sql(`insert into items (id, title, owner_id) select gen_random_uuid(), 'filler', id from users`);
  [user, admin] = [await api.user(), await api.admin()];
  await api.sql('vacuum analyze');
});

describe('on a filled database, no statement reads a whole table:', () => {
  const asUser: [string, () => InjectOptions][] = [
    ['GET /auth/me', () => ({ url: '/auth/me' })],
    ['PATCH /auth/me', () => ({ method: 'PATCH', url: '/auth/me', payload: { name: 'Ada' } })],
    ['GET /auth/sessions', () => ({ url: '/auth/sessions' })],
    ['DELETE /auth/sessions', () => ({ method: 'DELETE', url: '/auth/sessions' })],
    ['GET /items', () => ({ url: '/items' })],
    ['GET /items, a page further on', () => ({ url: `/items?cursor=${cursor()}` })],
    ['GET /items/{id}', () => ({ url: `/items/${user.id}` })],
    ['POST /items', () => ({ method: 'POST', url: '/items', payload: { title: 'x' } })],
    ['PATCH /items/{id}', () => ({ method: 'PATCH', url: `/items/${user.id}`, payload: { title: 'x' } })],
    ['DELETE /items/{id}', () => ({ method: 'DELETE', url: `/items/${user.id}` })],
    ['POST /auth/login', () => ({ method: 'POST', url: '/auth/login', payload: credentials() })],
    ['POST /auth/refresh', () => ({ method: 'POST', url: '/auth/refresh', payload: refreshToken() })],
    ['POST /auth/refresh, repeated', () => ({ method: 'POST', url: '/auth/refresh', payload: refreshToken() })],
    ['POST /auth/me/password', () => ({ method: 'POST', url: '/auth/me/password', payload: newPassword() })],
  ];

  const asAdmin: [string, () => InjectOptions][] = [
    ['GET /users', () => ({ url: '/users' })],
    ['GET /users, a page further on', () => ({ url: `/users?cursor=${cursor()}` })],
    ['GET /users?email=', () => ({ url: '/users?email=filler-19' })],
    ['GET /users?role=admin', () => ({ url: '/users?role=admin' })],
    ['GET /users/{id}', () => ({ url: `/users/${user.id}` })],
    ['PATCH /users/{id}', () => ({ method: 'PATCH', url: `/users/${user.id}`, payload: { is_active: false } })],
    ['DELETE /users/{id}', () => ({ method: 'DELETE', url: `/users/${user.id}` })],
  ];

  it.each(asUser)('%s', async (_name, request) => {
    expect(await wholeReads(() => api.request({ ...request(), token: user.access_token }))).toEqual([]);
  });

  it.each(asAdmin)('%s', async (_name, request) => {
    expect(await wholeReads(() => api.request({ ...request(), token: admin.access_token }))).toEqual([]);
  });

  it('the last use of sessions', async () => {
    const rows = await api.sql<{ id: string }>('select id from sessions limit 50');
    const { session_activity } = api.app.ctx;
    const writes = async () => {
      for (const { id } of rows) session_activity.note(id, new Date(0));
      await session_activity.flush();
    };
    expect(await wholeReads(writes)).toEqual([]);
  });

  it('the sweep of sessions that have run out', async () => {
    expect(await wholeReads(() => api.app.ctx.session_sweep.run())).toEqual([]);
  });

  it('and one that does is recognised', async () => {
    const whole = { text: 'select id from items where title = $1', values: ['x'] };
    expect(await tablesReadWhole(whole)).toEqual(['items']);
  });
});

/** The statements that `work` sends, those of them that read a whole table. */
async function wholeReads(work: () => Promise<unknown>): Promise<string[]> {
  const statements = await statementsOf(work);
  expect(statements.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const statement of statements) {
    const tables = await tablesReadWhole(statement);
    if (tables.length > 0) found.push(`${tables}: ${statement.text}`);
  }
  return found;
}

/** Listens at the driver while the real code runs. */
async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const query = vi.spyOn(PoolClient.prototype, 'query');
  try {
    await work();
    return query.mock.calls.flatMap(([config, values]) => {
      const { text } = config as pg.QueryConfig;
      return /^(select|insert|update|delete|with)\b/i.test(text) ? { text, values: (values ?? []) as unknown[] } : [];
    });
  } finally {
    query.mockRestore();
  }
}

async function tablesReadWhole({ text, values }: Statement): Promise<string[]> {
  const [row] = await api.sql<{ 'QUERY PLAN': { Plan: Plan }[] }>(`explain (format json) ${text}`, values);
  const open = (row?.['QUERY PLAN'] ?? []).map(({ Plan }) => Plan);
  const tables: string[] = [];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const table = node['Relation Name'] ?? '';
    if (node['Node Type'] === 'Seq Scan' && TABLES.has(table)) tables.push(table);
    open.push(...(node.Plans ?? []));
  }
  return tables;
}

function cursor(): string {
  return Buffer.from(user.id.replaceAll('-', ''), 'hex').toString('base64url');
}

function credentials(): { email: string; password: string } {
  return { email: user.email, password: PASSWORD };
}

function refreshToken(): { refresh_token: string } {
  return { refresh_token: user.refresh_token };
}

function newPassword(): { current_password: string; new_password: string } {
  return { current_password: PASSWORD, new_password: 'another horse battery staple' };
}
