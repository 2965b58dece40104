import { describe, expect, it } from 'vitest';
import type { DatabaseObservation, Pooling } from '../../src/doctor/observation.ts';
import { seenIn } from './examine.ts';
import { type Differences, NOW, observed, troubles } from './observation.ts';

const { database } = observed();
if (!('seen' in database)) throw new Error('the healthy database is away');
const HEALTHY = database.seen;
const DAY_MS = 86_400_000;

type Row = [what: string, differences: Differences, level: 'warn' | 'fail', check: string, message: RegExp];

const POOLING: Row[] = [
  ['a direct connection taken for a pooler', as({}, true), 'warn', 'pooler_setting', /gives up named statements/],
  ['a pooler that is not taken for one', as(transaction()), 'fail', 'pooler_setting', /named statements fail/],
  [
    'a pooler that knows named statements and is not taken for one',
    as(transaction({ prepared_statements: true })),
    'fail',
    'pooler_setting',
    /statement timeout/,
  ],
  ['locks that keep nobody out', as({ transaction_locks: false }), 'fail', 'transaction_locks', /do not keep others/],
  ['LISTEN without an effect', as({ listen: false }), 'warn', 'listen', /LISTEN does not work/],
  ['a kind that could not be told', { database: { pooling: { failure: 'no time' } } }, 'warn', 'connection', /no time/],
];

const TLS: Row[] = [
  ['clear text to the world', tls({ protocol: undefined }), 'fail', 'tls', /travel in clear$/],
  ['clear text in a private network', tls({ protocol: undefined, is_private: true }), 'warn', 'tls', /private network/],
  ['an unverified server', tls({ ssl_mode: 'require', has_root: false }), 'warn', 'tls_verification', /can pose/],
  ['a certificate of anybody', tls({ ssl_mode: 'verify-ca', has_root: false }), 'warn', 'tls_verification', /anybody/],
  ['a way back to clear text', tls({ ssl_mode: 'prefer' }), 'warn', 'tls_fallback', /continues unencrypted/],
  ['a certificate that ends', tls({ valid_to: days(29.5) }), 'warn', 'tls_expiry', /in 29 days/],
  ['a certificate that has ended', tls({ valid_to: days(-1) }), 'fail', 'tls_expiry', /expired on 2026-05-31/],
];

const LATENCY: Row[] = [
  ['a far database', latency({ round_trip_ms: 40 }), 'warn', 'round_trip', /40\.0 ms/],
  ['slow connecting', latency({ connect_ms: 1500 }), 'warn', 'connect_time', /1500 ms/],
  ['connecting slower than the pool waits', latency({ connect_ms: 5000 }), 'fail', 'connect_time', /get 503/],
  ['a clock ahead', latency({ clock_ahead_ms: 2500 }), 'warn', 'clock', /2\.5 s ahead of/],
  ['a clock behind', latency({ clock_ahead_ms: -90_000 }), 'fail', 'clock', /90\.0 s behind/],
];

const SERVER: Row[] = [
  ['an old server', server({ version: '14.9', version_num: 140_009 }), 'fail', 'server_version', /too old/],
  ['a standby', server({ is_standby: true, is_read_only: true }), 'fail', 'writable', /standby/],
  ['read-only transactions', server({ is_read_only: true }), 'fail', 'writable', /read-only/],
  ['another encoding', server({ encoding: 'SQL_ASCII' }), 'fail', 'encoding', /SQL_ASCII/],
  [
    'a year before the last fixes',
    old(new Date('2026-11-12T00:00:00Z')),
    'warn',
    'server_version',
    /no fixes from 2027-11-11 on/,
  ],
  ['a time after the last fixes', old(new Date('2027-11-12T00:00:00Z')), 'warn', 'server_version', /any more/],
  ['no statement timeout', session({ statement_timeout_ms: 0 }), 'warn', 'statement_timeout', /goes on at the server/],
  [
    'no timeout of idle transactions',
    session({ idle_in_transaction_timeout_ms: 0 }),
    'warn',
    'idle_in_transaction_session_timeout',
    /keeps its locks/,
  ],
  [
    'a refused startup parameter',
    session({ refused: 'unsupported startup parameter' }),
    'fail',
    'startup_parameters',
    /it cannot connect/,
  ],
];

const CAPACITY: Row[] = [
  ['more connections than there are', { instances: 7 }, 'fail', 'max_connections', /^105 .* and 97 are to be had/],
  [
    'workers that multiply them',
    { environment: { WORKERS: '4' }, instances: 2 },
    'fail',
    'max_connections',
    /^120 connections at most \(2 instances × 4 workers × \(5 \+ 10\)\)/,
  ],
  ['room for one deployment only', { instances: 6 }, 'warn', 'max_connections', /does not fit/],
  ['others who are there', { instances: 2, ...usage({ others: 70 }) }, 'fail', 'max_connections', /70 used by others/],
  ['a limit of the role', usage({ role_limit: 10 }), 'fail', 'max_connections', /limited to 10/],
  [
    'a pooler with too few places',
    pooled({ kind: 'session_pooler' }, { max_client_conn: 10, default_pool_size: 30 }),
    'fail',
    'pooler_limits',
    /takes 10 clients, and 15 may come/,
  ],
  [
    'a session pooler with too few connections',
    pooled({ kind: 'session_pooler' }, { max_client_conn: 100, default_pool_size: 14 }),
    'fail',
    'pooler_limits',
    /serves 14 clients at once, and 15 may come/,
  ],
  [
    'a pooler that may open more than the server has',
    { ...pooled(transaction(), { max_client_conn: 900, default_pool_size: 98 }) },
    'fail',
    'max_connections',
    /it may open 98/,
  ],
];

const SCHEMA_AND_ROLE: Row[] = [
  ['pending revisions', migrations({ pending: ['a1', 'b2'] }), 'fail', 'migrations', /lacks 2 revisions: a1, b2/],
  ['an unknown revision', migrations({ unknown: 'The database is at x' }), 'fail', 'migrations', /is at x/],
  [
    'drift',
    migrations({ differences: [{ between: 'models and database', what: 'DROP it', remedy: 'undo' }] }),
    'warn',
    'drift',
    /^models and database: DROP it$/,
  ],
  ['a superuser', role({ is_superuser: true }), 'warn', 'role', /has SUPERUSER: /],
  ['one who makes roles', role({ may_create_roles: true }), 'warn', 'role', /has CREATEROLE: /],
  ['tables out of reach', role({ out_of_reach: ['items'] }), 'fail', 'privileges', /items/],
];

const REDIS: Row[] = [
  ['a Redis that is away', { redis: { failure: 'refused' } }, 'fail', 'redis', /cannot be used: refused/],
  ['an old Redis', redis({ version: '4.0.9' }), 'fail', 'redis', /too old/],
  ['a Redis that forgets', redis({ eviction: 'allkeys-lru' }), 'warn', 'redis_eviction', /allkeys-lru/],
  ['a Redis in clear', redis({ is_encrypted: false }), 'warn', 'redis_tls', /in clear/],
];

describe('the doctor', () => {
  it.each([...POOLING, ...TLS, ...LATENCY, ...SERVER, ...CAPACITY, ...SCHEMA_AND_ROLE, ...REDIS])(
    'names %s, and nothing else',
    (_, differences, level, check, message) => {
      expect(troubles(observed(differences))).toMatchObject([
        { check, level, message: expect.stringMatching(message) },
      ]);
    },
  );

  it('says of each thing that it could not look at why', () => {
    const away = { failure: 'no answer within 2.0 s' };
    const names = [
      'latency',
      'session',
      'server',
      'role',
      'usage',
      'migrations',
      'foreign_keys',
      'unchecked',
      'pooling',
    ] as const;
    const blind = observed({ database: Object.fromEntries(names.map((name) => [name, away])) });
    const found = troubles(blind);
    expect(found.map(({ level, message }) => ({ level, message }))).toEqual(
      names.map(() => ({ level: 'warn', message: 'Could not be looked at: no answer within 2.0 s' })),
    );
  });

  it('asks nobody to mend what a transaction pooler cannot do and the application does without', () => {
    expect(troubles(observed(pooled(transaction(), undefined)))).toEqual([]);
  });

  it('lets a superuser pass who is at home', () => {
    const environment = { ENVIRONMENT: 'development' };
    const { database } = role({ is_superuser: true });
    const tls = { ...HEALTHY.tls, is_local: true };
    expect(troubles(observed({ environment, database: { ...database, tls } }))).toEqual([]);
  });

  it('asks for DATABASE_POOLER where a refused startup parameter comes from a transaction pooler', () => {
    const { database } = session({ refused: 'unsupported startup parameter' });
    const found = troubles(observed({ database: { ...database, ...as(transaction()).database } }));
    expect(found.map(({ fix }) => fix)).toEqual([['DATABASE_POOLER=transaction'], ['DATABASE_POOLER=transaction']]);
  });
});

function transaction(differences: Partial<Pooling> = {}): Partial<Pooling> {
  const lost = { prepared_statements: false, session_settings: false, session_locks: false, listen: false };
  return { kind: 'transaction_pooler', ...lost, ...differences };
}

function as(pooling: Partial<Pooling>, taken_for_transaction_pooler = false) {
  return {
    database: { pooling: { seen: { ...seenIn(HEALTHY.pooling), ...pooling } }, taken_for_transaction_pooler },
  } satisfies Differences;
}

function pooled(
  pooling: Partial<Pooling>,
  limits: { max_client_conn: number; default_pool_size: number } | undefined,
): Differences {
  const { database } = as(pooling, pooling.kind === 'transaction_pooler');
  return { database: { ...database, pooler: limits === undefined ? { failure: 'refused' } : { seen: limits } } };
}

function tls(differences: Partial<DatabaseObservation['tls']>): Differences {
  return { database: { tls: { ...HEALTHY.tls, ...differences } } };
}

function latency(differences: object): Differences {
  return { database: { latency: { seen: { ...seenIn(HEALTHY.latency), ...differences } } } };
}

function server(differences: object): Differences & { database: Partial<DatabaseObservation> } {
  return { database: { server: { seen: { ...seenIn(HEALTHY.server), ...differences } } } };
}

/** PostgreSQL 15 at a time, with a certificate for long after. */
function old(now: Date): Differences {
  const { database } = server({ version: '15.4', version_num: 150_004 });
  return { now, database: { ...database, tls: { ...HEALTHY.tls, valid_to: new Date('2030-01-01T00:00:00Z') } } };
}

function session(differences: object): Differences & { database: Partial<DatabaseObservation> } {
  return { database: { session: { seen: { ...seenIn(HEALTHY.session), ...differences } } } };
}

function usage(differences: object): Differences {
  return { database: { usage: { seen: { ...seenIn(HEALTHY.usage), ...differences } } } };
}

function migrations(differences: object): Differences {
  return { database: { migrations: { seen: { ...seenIn(HEALTHY.migrations), ...differences } } } };
}

function role(differences: object): Differences & { database: Partial<DatabaseObservation> } {
  return { database: { role: { seen: { ...seenIn(HEALTHY.role), ...differences } } } };
}

function redis(differences: object): Differences {
  const healthy = { is_local: false, is_encrypted: true, version: '7.2.4', eviction: 'noeviction', round_trip_ms: 1 };
  return { redis: { seen: { ...healthy, ...differences } } };
}

function days(count: number): Date {
  return new Date(NOW.getTime() + count * DAY_MS);
}
