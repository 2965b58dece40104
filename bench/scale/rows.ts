/**
 * The rows of a database of any size, as SQL expressions of a row's number: the number tells the row, so
 * nothing has to be looked up while millions are written, nor when some are picked afterwards.
 */

const DAY_MS = 86_400_000;
/** Shares no divisor with any size that is a round number: multiplying by it visits every row once, in no order. */
const SHUFFLE = 1_000_003;
/** This many addresses begin alike, in a database of any size. */
const FAMILY = 15;
const ITEMS_PER_OWNER = 25;
const USERS_PER_OWNER = 50;
/** Few, and the same few at every size: what a filter must find without reading the rest. */
const ADMINS = 5;
const DISABLED = 30;
const RARE_EVENTS = 30;
export const RARE_EVENT = 'session.refresh_token_reused';

export interface TableRows {
  table: string;
  count: number;
  /** An INSERT of the rows numbered from $1 to $2. */
  insert: string;
}

/** What fills the tables that grow; `filled_at` in milliseconds. */
export function rowsFor(size: number, { filled_at, hash }: { filled_at: number; hash: string }): TableRows[] {
  const users = userAt(size, filled_at);
  const events = Math.ceil(size / 2);
  const items = Math.ceil(size / 2);
  const event = `case when n % ${every(events, RARE_EVENTS)} = 3 then '${RARE_EVENT}'
    else (array['session.started', 'session.started', 'session.started', 'login.failed', 'session.ended'])[n % 5 + 1] end`;
  const event_ms = msOf('n', { count: events, filled_at, days: 300 });
  return [
    {
      table: 'users',
      count: size,
      insert: `insert into users (id, email, name, password_hash, role, is_active, created_at, updated_at)
        select ${users.id('n')}, ${users.email('n')}, 'Ada Lovelace', '${hash}',
          case when n % ${every(size, ADMINS)} = 1 then 'admin' else 'user' end,
          n % ${every(size, DISABLED)} <> 7, ${instant(users.ms('n'))}, ${instant(users.ms('n'))} from ${NUMBERS}`,
    },
    {
      table: 'sessions',
      count: size,
      insert: `insert into sessions (id, user_id, ip, user_agent, created_at, refreshed_at, last_used_at, expires_at)
        select ${users.sessionId('n')}, ${users.id(shuffled('n', size))}, '203.0.113.7', ${USER_AGENT},
          ${instant(users.sessionMs('n'))}, ${instant(users.sessionMs('n'))}, ${instant(users.sessionMs('n'))},
          ${instant(users.sessionMs('n'))} + interval '365 days' from ${NUMBERS}`,
    },
    {
      table: 'kit_notes',
      count: items,
      insert: `insert into kit_notes (id, title, description, owner_id, created_at, updated_at)
        select ${uuid7(msOf('n', { count: items, filled_at, days: 600 }), `'i' || n`)}, 'Water the plants',
          'Every Monday, and twice a week in summer', ${users.id(ownerOf('n', size))}, now(), now() from ${NUMBERS}`,
    },
    {
      table: 'audit_events',
      count: events,
      insert: `insert into audit_events (id, created_at, event, actor_id, subject_id, ip, user_agent, request_id)
        select ${uuid7(event_ms, `'e' || n`)}, ${instant(event_ms)}, ${event}, ${users.id(shuffled('n', size))},
          ${users.id(shuffled('n', size))}, '203.0.113.7', ${USER_AGENT}, 'request-' || n from ${NUMBERS}`,
    },
    ...limitRows(size),
  ];
}

/** One in a hundred has mistyped a password, or has just logged in. */
function limitRows(size: number): TableRows[] {
  const count = Math.ceil(size / 100);
  const key = `encode(sha256(('k' || n)::bytea), 'base64')`;
  return [
    {
      table: 'login_failures',
      count,
      insert: `insert into login_failures (account_key, in_a_row, failed_at) select ${key}, 1, now() from ${NUMBERS}`,
    },
    {
      table: 'rate_limits',
      count,
      insert: `insert into rate_limits (key, used, pending, pending_until, blocked_until, expires_at)
        select 'login-account:' || ${key}, 1, 0, to_timestamp(0), to_timestamp(0), now() + interval '1 day' from ${NUMBERS}`,
    },
  ];
}

/** Picks rows: of users by their numbers, $1, with a session each, and of owners of items alike. */
export function picksFor(size: number, filled_at: number): { users: string; owners: string } {
  const { id, sessionId } = userAt(size, filled_at);
  const owners = Math.ceil(Math.ceil(size / 2) / ITEMS_PER_OWNER);
  return {
    users: `select u.id as user_id, u.email, u.role, s.id as session_id, s.counter, s.refreshed_at, s.expires_at
      from unnest($1::bigint[]) with ordinality as picked (n, place)
      join sessions s on s.id = ${sessionId('(n % ' + size + ')')} join users u on u.id = s.user_id
      where u.is_active and u.role = 'user' order by place`,
    owners: `select u.id as user_id, u.email, u.role, s.id as session_id, s.counter, s.refreshed_at, s.expires_at
      from unnest($1::bigint[]) with ordinality as picked (n, place)
      join users u on u.id = ${id(`(n % ${owners}) * ${USERS_PER_OWNER}`)}
      join lateral (select * from sessions where user_id = u.id order by id limit 1) s on true
      where u.is_active and u.role = 'user' order by place`,
  };
}

const NUMBERS = 'generate_series($1::bigint, $2::bigint) as n';
const USER_AGENT = `'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0'`;

function userAt(size: number, filled_at: number) {
  const ms = (n: string) => msOf(n, { count: size, filled_at, days: 900 });
  const sessionMs = (n: string) => msOf(n, { count: size, filled_at, days: 30 });
  return {
    ms,
    sessionMs,
    id: (n: string) => uuid7(ms(n), `'u' || ${n}`),
    sessionId: (n: string) => uuid7(sessionMs(n), `'s' || ${n}`),
    email: (n: string) =>
      `substr(md5('f' || ${n} % ${Math.max(1, Math.floor(size / FAMILY))}), 1, 10) || '.' || ${n} || '@example.com'`,
  };
}

/** A later row has a later time, as rows that came one after the other have. */
function msOf(n: string, { count, filled_at, days }: { count: number; filled_at: number; days: number }): string {
  return `(${filled_at - days * DAY_MS} + (${n}) * ${days * DAY_MS} / ${count})`;
}

function uuid7(ms: string, seed: string): string {
  const timed = `overlay(md5(${seed}) placing lpad(to_hex(${ms}), 12, '0') from 1 for 12)`;
  return `overlay(overlay(${timed} placing '7' from 13) placing '8' from 17)::uuid`;
}

function instant(ms: string): string {
  return `timestamptz 'epoch' + ${ms} * interval '1 millisecond'`;
}

function shuffled(n: string, count: number): string {
  return `(${n} * ${SHUFFLE} % ${count})`;
}

function ownerOf(n: string, size: number): string {
  const owners = Math.ceil(Math.ceil(size / 2) / ITEMS_PER_OWNER);
  return `(${n} * ${SHUFFLE} % ${owners} * ${USERS_PER_OWNER})`;
}

function every(count: number, times: number): number {
  return Math.max(10, Math.floor(count / times));
}
