import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestUser } from '../../helpers/api.ts';
import {
  IN_BATCHES,
  OPERATIONS,
  type Operation,
  type Subjects,
  titleOf,
  WITHOUT_ROWS,
} from '../../helpers/asking-operations.ts';
import { newSubjects } from '../../helpers/new-subjects.ts';
import { explain, nodesOf, type PlanNode, type Query, type Statement, statementsOf } from '../../helpers/plans.ts';
import { startSession } from '../../helpers/replicas.ts';
import { startWithNotes } from '../../helpers/test-product.ts';

const ROWS = 20_000;
/** Below this a table is read whole because that is cheapest, which says nothing. */
const MANY = 1000;
/** What a page of the longest list may cost, with some of each month's partition. */
const MOST_READ = 150;

const api = startWithNotes();
let client: pg.Client;
/** The process looks at the waiting jobs by itself, every few seconds. */
const JOB_WATCH = /filter \(where "state" = 'dead'\)/;

let query: Query;
let admin: TestUser;
let large: Set<string>;
let count = 0;

beforeAll(async () => {
  await api.sql(
    `insert into users (id, email, password_hash, role)
     select gen_random_uuid(), 'filler-' || n || '@example.com', '-', 'user' from generate_series(1, $1::int) as n`,
    [ROWS],
  );
  await api.sql(`insert into sessions (id, user_id, expires_at)
    select gen_random_uuid(), id, now() + interval '30 days' from users`);
  await api.sql(`insert into kit_notes (id, title, owner_id) select gen_random_uuid(), 'filler', id from users`);
  await api.sql(`insert into files (id, owner_id, name, type, size, purpose)
    select gen_random_uuid(), id, 'filler', 'image/png', 1, 'cover' from users`);
  await api.sql(`begin;
    set local session_replication_role = replica;
    insert into audit_events (id, created_at, event, actor_id, subject_id)
      select gen_random_uuid(), now() - n * interval '1 second', 'session.started', id, id
      from (select id, row_number() over () as n from users) as filler;
    commit`);
  await api.sql(`insert into jobs (id, kind, payload, max_attempts, state, finished_at)
    select gen_random_uuid(), kind, jsonb_build_object('kind', 'reset_password', 'to', email, 'locale', 'en'), 8, 'done', now()
    from users, unnest('{mail.send,mail.request}'::text[]) as kind`);
  await api.sql(`insert into login_failures select 'key-' || n, 1, now() from generate_series(1, ${ROWS}) as n`);
  await api.sql(`insert into rate_limits (key, used, pending, pending_until, blocked_until, expires_at)
    select 'key-' || n, 1, 0, now(), now(), now() + interval '1 hour' from generate_series(1, ${ROWS}) as n`);
  admin = await api.admin();
  await api.sql('vacuum analyze');
  client = new pg.Client(api.url);
  await client.connect();
  query = async (text) => (await client.query(text)).rows;
  const tables = await query<{ name: string }>(`select relname as name from pg_class where reltuples >= ${MANY}`);
  large = new Set(tables.map(({ name }) => name));
});

afterAll(() => client?.end());

describe('on a filled database, no statement reads more rows than it needs:', () => {
  it.each(OPERATIONS.map((operation) => [titleOf(operation), operation] as const))('%s', async (_title, operation) => {
    const { status } = operation;
    const subjects = await newSubjects(api, admin, ++count);
    const token = tokenFor(operation, subjects);
    const statements = await statementsOf(async () => {
      const response = await api.request({ ...operation.request(subjects), ...(token !== undefined && { token }) });
      expect(response.statusCode).toSatisfy((is: number) => (status === undefined ? is < 300 : is === status));
    });
    expect(statements.length).toBeGreaterThan(0);
    expect(await wasteful(statements.filter(({ text }) => !JOB_WATCH.test(text)))).toEqual([]);
  });

  it('POST /auth/refresh, repeated', async () => {
    const { user } = await newSubjects(api, admin, ++count);
    const request = { method: 'POST', url: '/auth/refresh', payload: { refresh_token: user.refresh_token } } as const;
    await api.request(request);
    expect(await wasteful(await statementsOf(() => api.request(request)))).toEqual([]);
  });

  it('POST /auth/refresh, many at once', async () => {
    const { user } = await newSubjects(api, admin, ++count);
    const pairs = await Promise.all(Array.from({ length: 30 }, () => startSession(api, user.id)));
    const statements = await statementsOf(() =>
      Promise.all(
        pairs.map(({ refresh_token }) =>
          api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } }),
        ),
      ),
    );
    const shared = statements.filter(({ text }) => /skip locked/.test(text));
    expect(shared.length).toBeGreaterThan(0);
    expect(await wasteful(shared)).toEqual([]);
  });

  it('the last use of sessions', async () => {
    const rows = await api.sql<{ id: string }>('select id from sessions limit 50');
    const { sessionActivity } = api.app.ctx;
    const writes = async () => {
      for (const { id } of rows) sessionActivity.note(id, new Date(0));
      await sessionActivity.flush();
    };
    expect(await wasteful(await statementsOf(writes))).toEqual([]);
  });

  it('the cleanup of sessions that have run out', async () => {
    const statements = await statementsOf(() => api.app.ctx.sessionCleanup.run());
    expect(await wasteful(statements)).toEqual([]);
  });

  it('and those that do are recognised, with an index or without', async () => {
    const whole = { text: 'select id from kit_notes where title = $1', values: ['x'] };
    const behindAnIndex = { text: 'select id from users where name = $1 order by id limit 5', values: ['x'] };
    const change = { text: 'delete from sessions where ip = $1', values: ['x'] };
    expect(await wasteful([whole, behindAnIndex, change])).toEqual([
      expect.stringContaining('kit_notes'),
      expect.stringContaining('users'),
      expect.stringContaining('sessions'),
    ]);
  });
});

it('knows every operation of each resource that it knows', () => {
  // The document's type allows much that ours never has.
  const { paths } = api.app.swagger() as unknown as { paths: Record<string, Record<string, unknown>> };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const known = new Set([...OPERATIONS.map(({ name }) => name), ...WITHOUT_ROWS, ...IN_BATCHES]);
  const areaOf = (name: string): string => name.split('/')[1] ?? '';
  const areas = new Set([...known].map(areaOf));
  expect(all.filter((name) => areas.has(areaOf(name))).toSorted()).toEqual([...known].toSorted());
});

function tokenFor({ as }: Operation, { user }: Subjects): string | undefined {
  if (as === 'public') return undefined;
  if (as === 'admin') return admin.access_token;
  return api.app.ctx.tokens.signAccess({ user_id: user.id, session_id: user.session_id, role: 'user' });
}

/** Those that read a large table whole, or many more of its rows than they give. */
async function wasteful(statements: readonly Statement[]): Promise<string[]> {
  const found: string[] = [];
  for (const statement of statements) {
    const [row] = await explain<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(query, statement, optionsFor(statement));
    const nodes = (row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => nodesOf(Plan));
    const reads = nodes.filter((node) => large.has(node['Relation Name'] ?? '') && isWasteful(node));
    for (const node of reads) found.push(`${node['Relation Name']}, ${node['Node Type']}: ${statement.text}`);
  }
  return found;
}

/** A read is really run; a change was made already. */
function optionsFor({ text }: Statement): string {
  return /^\s*select\b/i.test(text) ? 'analyze, timing off, summary off, format json' : 'format json';
}

/** What was run tells how many rows it met; what was only planned must name what it looks for in the index. */
function isWasteful(node: PlanNode): boolean {
  if (node['Node Type'] === 'Seq Scan') return true;
  const rows = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0);
  if (node['Actual Loops'] !== undefined) return rows * node['Actual Loops'] > MOST_READ;
  return /Index/.test(node['Node Type']) && node['Index Cond'] === undefined;
}
