import { type Finding, fail, ok, warn } from '../finding.ts';
import type { OddSetting, PoolSession, ServerFacts } from '../observation.ts';

const OLDEST_MAJOR = 15;
const SOON_MS = 365 * 86_400_000;
/** Last minor release of each major version (postgresql.org, Versioning Policy). */
const END_OF_LIFE: Readonly<Record<number, string>> = {
  15: '2027-11-11',
  16: '2028-11-09',
  17: '2029-11-08',
  18: '2030-11-14',
};

const IGNORE_STARTUP_PARAMETERS = [
  'PgBouncer: ignore_startup_parameters = extra_float_digits,statement_timeout',
  `and on the server: ALTER ROLE CURRENT_USER SET statement_timeout = '5s'`,
];

/** Whether the server is one that the application works with, now and next year. */
export function checkServer(server: ServerFacts, now: Date): Finding[] {
  return [version(server, now), encoding(server), writable(server), sessionSettings(server)];
}

/** Whether a statement or a transaction that never ends is ended by the server. */
export function checkPoolSession(
  session: PoolSession,
  { isProduction, isTransactionPooler }: { isProduction: boolean; isTransactionPooler: boolean },
): Finding[] {
  if (session.refused !== undefined)
    return [
      fail(
        'startup_parameters',
        `The pooler refuses what the application’s pool sends at the start of a session (${session.refused}): it cannot connect`,
        ...(isTransactionPooler ? ['DATABASE_POOLER=transaction'] : IGNORE_STARTUP_PARAMETERS),
      ),
    ];
  return [statementTimeout(session.statement_timeout_ms), idleTimeout(session, isProduction)];
}

function version({ version, version_num }: ServerFacts, now: Date): Finding {
  const check = 'server_version';
  const major = Math.floor(version_num / 10_000);
  if (major < OLDEST_MAJOR)
    return fail(
      check,
      `PostgreSQL ${version} is too old: ${OLDEST_MAJOR} is the least`,
      'upgrade the server with pg_upgrade, or by a dump and restore',
    );
  const end = END_OF_LIFE[major];
  if (end === undefined) return ok(check, `PostgreSQL ${version}`);
  const leftMs = Date.parse(end) - now.getTime();
  const fix = `plan the upgrade to PostgreSQL ${Math.max(...Object.keys(END_OF_LIFE).map(Number)) - 1} or newer`;
  if (leftMs < 0) return warn(check, `PostgreSQL ${version} gets no fixes any more, since ${end}`, fix);
  if (leftMs < SOON_MS) return warn(check, `PostgreSQL ${version} gets no fixes from ${end} on`, fix);
  return ok(check, `PostgreSQL ${version}, with fixes until ${end}`);
}

function encoding({ encoding }: ServerFacts): Finding {
  if (encoding === 'UTF8') return ok('encoding', 'The database’s encoding is UTF8');
  return fail(
    'encoding',
    `The database’s encoding is ${encoding}: names in other scripts cannot be stored`,
    `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and move the data`,
  );
}

function writable({ is_standby, is_read_only }: ServerFacts): Finding {
  if (is_standby)
    return fail('writable', 'The server is a standby and takes no writes', 'name the primary in DATABASE_URL');
  if (is_read_only)
    return fail(
      'writable',
      'Transactions are read-only here',
      'see default_transaction_read_only of the server, the database and the role; managed servers set it when the disk is full',
    );
  return ok('writable', 'The server takes writes');
}

/** The application cannot replace these. */
const HARMFUL: Readonly<Record<string, string>> = {
  session_replication_role: 'no trigger runs, so audit events get no chain',
  synchronous_commit: 'a crash of the server loses changes that clients were told are done',
};

function sessionSettings({ odd_settings }: ServerFacts): Finding {
  const check = 'inherited_settings';
  if (odd_settings.length === 0) return ok(check, 'Sessions begin with the usual settings');
  const harms = odd_settings.flatMap(({ name }) => (HARMFUL[name] === undefined ? [] : [`${name}: ${HARMFUL[name]}`]));
  const named = odd_settings.map(({ name, value, source }) => `${name} = ${value} (${source})`).join(', ');
  const fix = odd_settings.map(resetLine);
  if (harms.length > 0) return fail(check, `Sessions begin with ${named}. ${harms.join('; ')}`, ...fix);
  return warn(
    check,
    `Sessions begin with ${named}: the application replaces them, but psql, migrations and other programs read and write under them`,
    ...fix,
  );
}

function resetLine({ name, source }: OddSetting): string {
  if (source === 'user') return `ALTER ROLE CURRENT_USER RESET ${name};`;
  if (source === 'database') return `ALTER DATABASE … RESET ${name};`;
  if (source === 'database user') return `ALTER ROLE CURRENT_USER IN DATABASE … RESET ${name};`;
  return `${name}: see the server’s configuration (${source}), or what another client of the pooler left in the session`;
}

function statementTimeout(timeoutMs: number): Finding {
  if (timeoutMs > 0) return ok('statement_timeout', `The server ends a statement after ${timeoutMs / 1000} s`);
  return warn(
    'statement_timeout',
    'statement_timeout is 0 in the application’s sessions: a statement that the application has given up goes on at the server',
    `ALTER ROLE CURRENT_USER SET statement_timeout = '5s'`,
  );
}

function idleTimeout({ idle_in_transaction_timeout_ms: timeoutMs }: PoolSession, isProduction: boolean): Finding {
  const check = 'idle_in_transaction_session_timeout';
  if (timeoutMs > 0) return ok(check, `The server ends a transaction that is idle for ${timeoutMs / 1000} s`);
  const sentence = 'idle_in_transaction_session_timeout is 0: a transaction whose process froze keeps its locks';
  if (!isProduction) return ok(check, `${sentence}; it matters in production`);
  return warn(check, sentence, `ALTER ROLE CURRENT_USER SET idle_in_transaction_session_timeout = '60s'`);
}
