import { existsSync, readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { createMigrator } from 'pg-revisions';
import { REVISIONS } from '../src/app/database/revisions-directory.ts';
import { newId } from '../src/app/utils/ids.ts';
import { NOTES_SQL } from '../tests/helpers/test-product/notes.ts';
import { formatFigure } from './figures.ts';
import { applicationCommand, type Server, startServer } from './servers.ts';

/** `npm run bench:sizes`: what a user, a session, an event and a request cost in bytes and processor time; for docs/scale.md. */
const USERS = 50_000;
const SESSIONS_EACH = 3;
const EVENTS = 20_000;
const CLIENTS = 16;
const MS_PER_TICK = 10;
const PASSWORD = 'correct horse battery staple';
const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const HASH = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';

const postgres = await startThrowAwayPostgres();
const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client(postgres.url);
  await client.connect();
  return client;
};
const db = await connect();
let server: Server | undefined;
try {
  await createMigrator({ ...REVISIONS, connect }).upgrade('head');
  await db.query(NOTES_SQL);
  await fill();
  await printSizes();
  server = await startServer({
    name: 'back',
    command: applicationCommand(),
    ready_path: '/health/ready',
    env: {
      DATABASE_URL: postgres.url,
      SECRET_KEY: 'a key for measuring only, long enough: 5e1b',
      LIMIT_REFRESHES_PER_IP: '100000/5m',
      LIMIT_WRITES_PER_ACCOUNT: '100000/5m',
      LIMIT_REGISTRATIONS_PER_IP: '100000/5m',
      LIMIT_MAILS_PER_IP: '100000/5m',
    },
  });
  await printCosts(server.url, server);
} finally {
  await server?.stop();
  await db.end();
  await postgres.stop();
}

/** Rows as the application writes them, in the order in which time would bring them. */
async function fill(): Promise<void> {
  const ids = Array.from({ length: USERS }, newId);
  for (let from = 0; from < USERS; from += 5000) {
    const some = ids.slice(from, from + 5000);
    const emails = some.map((_, n) => `firstname.lastname${from + n}@example.com`);
    await db.query(
      `insert into users (id, email, name, password_hash)
       select id, email, 'Firstname Lastname', $3 from unnest($1::uuid[], $2::text[]) as new (id, email)`,
      [some, emails, HASH],
    );
    for (let session = 0; session < SESSIONS_EACH; session++)
      await db.query(
        `insert into sessions (id, user_id, ip, user_agent, expires_at)
         select id, user_id, '203.0.113.117', $3, now() + '30 days' from unnest($1::uuid[], $2::uuid[]) as new (id, user_id)`,
        [some.map(newId), some, AGENT],
      );
    await db.query(
      `insert into kit_notes (id, title, description, owner_id)
       select id, 'A title of forty characters, more or less', 'A description of a hundred characters, as people write them in a hurry, about what is to be done when', owner
       from unnest($1::uuid[], $2::uuid[]) as new (id, owner)`,
      [some.map(newId), some],
    );
  }
  // Each in a transaction of its own, as a request writes it: the link is filled in by an update inside the commit.
  await db.query(`do $$ declare ids uuid[] := array(select id from sessions order by random() limit ${EVENTS}); begin
    for n in 1..${EVENTS} loop
      insert into audit_events (id, created_at, event, actor_id, subject_id, session_id, ip, user_agent, request_id)
      select gen_random_uuid(), clock_timestamp(), 'session.started', user_id, user_id, id, ip, user_agent, id::text
      from sessions where id = ids[n];
      commit;
    end loop;
  end $$`);
  await db.query('vacuum analyze');
}

async function printSizes(): Promise<void> {
  const { rows: months } = await db.query<{ name: string }>(
    `select tableoid::regclass::text as name from audit_events group by 1 order by count(*) desc limit 1`,
  );
  console.log('table          rows     row  table/row  index/row  total/row (bytes)');
  for (const name of ['users', 'sessions', 'kit_notes', months[0]?.name ?? '']) {
    const { rows } = await db.query<Record<string, string>>(
      `select count(*) as rows, avg(pg_column_size(t.*)) as own, pg_relation_size('${name}')::float8 / count(*) as heap,
         pg_indexes_size('${name}')::float8 / count(*) as indexes, pg_total_relation_size('${name}')::float8 / count(*) as total
       from ${name} t`,
    );
    const { rows: count, own, heap, indexes, total } = rows[0] ?? {};
    const figures = [own, heap, indexes, total].map((figure) => Math.round(Number(figure)).toString().padStart(9));
    console.log(`${name.padEnd(21)}${String(count).padStart(7)}${figures.join('  ')}`);
  }
}

async function printCosts(url: string, serving: Server): Promise<void> {
  const accounts: { access_token: string; refresh_token: string }[] = [];
  // One after the other: each is a hash.
  for (let n = 0; n < CLIENTS; n++)
    accounts.push(await post(`${url}/auth/register`, { email: `client${n}@example.com`, password: PASSWORD }));
  const me = (n: number) => get(`${url}/auth/me`, accounts[n]?.access_token ?? '');
  const refresh = async (n: number): Promise<void> => {
    accounts[n] = await post(`${url}/auth/refresh`, { refresh_token: accounts[n]?.refresh_token });
  };
  const login = (n: number) => post(`${url}/auth/login`, { email: `client${n}@example.com`, password: PASSWORD });
  const create = (n: number) =>
    post(`${url}/kit-notes`, { title: 'A title of forty characters' }, accounts[n]?.access_token);
  console.log('\nrequest            count  API ms  PostgreSQL ms  WAL bytes  HOT updates');
  await measure('GET /auth/me', 400, me);
  await measure('POST /auth/refresh', 400, refresh);
  await measure('POST /auth/login', 15, login, 2);
  await measure('POST /kit-notes', 400, create);
  console.log(`\npeak memory of the server: ${formatFigure(serving.peakMemoryMb(), 0)} MB`);

  async function measure(
    name: string,
    each: number,
    work: (client: number) => Promise<unknown>,
    clients = CLIENTS,
  ): Promise<void> {
    await all(Math.ceil(each / 4), work, clients);
    const before = await state();
    await all(each, work, clients);
    const after = await state();
    const count = each * clients;
    const hot =
      after.updates === before.updates
        ? '-'
        : `${Math.round(((after.hot - before.hot) / (after.updates - before.updates)) * 100)} %`;
    console.log(
      `${name.padEnd(18)}${String(count).padStart(6)}${perRequest(after.api_ms - before.api_ms)}${perRequest(after.postgres_ms - before.postgres_ms)}       ${Math.round((after.wal - before.wal) / count)}  ${hot}`,
    );
    function perRequest(total: number): string {
      return formatFigure(total / count, 3).padStart(9);
    }
  }

  async function state() {
    // A backend hands its counters over when it has been idle for a second.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { rows } = await db.query<{ wal: string; updates: string; hot: string }>(
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as wal, n_tup_upd as updates, n_tup_hot_upd as hot
       from pg_stat_user_tables where relname = 'sessions'`,
    );
    const { wal, updates, hot } = rows[0] ?? {};
    const times = { api_ms: serving.cpuMs(), postgres_ms: cpuMsOfChildren(postgres.pid) };
    return { ...times, wal: Number(wal), updates: Number(updates), hot: Number(hot) };
  }
}

async function all(each: number, work: (client: number) => Promise<unknown>, clients: number): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let n = 0; n < each; n++) await work(client);
    }),
  );
}

async function post(
  url: string,
  body: object,
  token?: string,
): Promise<{ access_token: string; refresh_token: string }> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { access_token: string; refresh_token: string };
}

async function get(url: string, token: string): Promise<unknown> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

/** Processor time of a process and its children, ended ones included; NaN without /proc. */
function cpuMsOfChildren(pid: number): number {
  if (!existsSync('/proc/self/stat')) return Number.NaN;
  let ticks = 0;
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const [, ppid, ...rest] = statOf(name);
    if (Number(ppid) === pid) ticks += Number(rest[9]) + Number(rest[10]);
    if (Number(name) === pid) ticks += rest.slice(9, 13).reduce((sum, one) => sum + Number(one), 0);
  }
  return ticks * MS_PER_TICK;
}

/** The fields of /proc/PID/stat after the name: state, parent and so on. */
function statOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}
