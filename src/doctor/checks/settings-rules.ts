import { parseConnectionString } from '../../app/utils/connection-string.ts';
import { counted, type Finding, fail, warn } from '../finding.ts';
import type { Observation } from '../observation.ts';

/** Says what is wrong, or nothing. */
export type Rule = (observation: Observation) => Finding | undefined;

/** Proxies and clients give up about then. */
const PATIENCE_SECONDS = 30;
/** A range this wide holds more than anybody's own proxies. */
const WIDE_PREFIX = 8;

/** What contradicts itself wherever it stands. */
export const RULES: readonly Rule[] = [
  databaseWait,
  keepAlive,
  accessTokenLife,
  auditRetention,
  workers,
  everybodyIsProxy,
  everyOrigin,
  limitsThatAreOff,
  accountLimit,
  networkLimit,
  poolerPort,
];

function databaseWait({ config }: Observation): Finding | undefined {
  const { pool_timeout_seconds, statement_timeout_seconds } = config;
  const longest = pool_timeout_seconds + statement_timeout_seconds;
  if (longest <= PATIENCE_SECONDS) return undefined;
  return warn(
    'request_wait',
    `A request may wait ${longest} s for one answer of the database (POOL_TIMEOUT_SECONDS ${pool_timeout_seconds} + STATEMENT_TIMEOUT_SECONDS ${statement_timeout_seconds}); a client leaves after ${PATIENCE_SECONDS}`,
    `keep the two together under ${PATIENCE_SECONDS} s`,
  );
}

function keepAlive({ config }: Observation): Finding | undefined {
  const { keepalive_idle_seconds, pool_recycle_seconds } = config;
  if (keepalive_idle_seconds < pool_recycle_seconds) return undefined;
  return warn(
    'keepalive',
    `KEEPALIVE_IDLE_SECONDS (${keepalive_idle_seconds}) is not less than POOL_RECYCLE_SECONDS (${pool_recycle_seconds}): a connection is replaced before its first probe`,
    `KEEPALIVE_IDLE_SECONDS=${Math.max(1, Math.floor(pool_recycle_seconds / 10))}`,
  );
}

function accessTokenLife({ config }: Observation): Finding | undefined {
  const { minutes_token_expire, days_refresh_token_expire } = config;
  if (minutes_token_expire < days_refresh_token_expire * 1440) return undefined;
  return warn(
    'token_life',
    'An access token lives as long as a refresh token (MINUTES_TOKEN_EXPIRE, DAYS_REFRESH_TOKEN_EXPIRE): nobody needs to refresh',
    'MINUTES_TOKEN_EXPIRE=60',
  );
}

function auditRetention({ config }: Observation): Finding | undefined {
  const { audit_retention_days, days_session_max } = config;
  if (audit_retention_days === 0 || audit_retention_days >= days_session_max) return undefined;
  return warn(
    'audit_retention',
    `AUDIT_RETENTION_DAYS (${audit_retention_days}) is less than DAYS_SESSION_MAX (${days_session_max}): a session may outlive what is known of its login`,
    `AUDIT_RETENTION_DAYS=${days_session_max} or more`,
  );
}

function workers({ config, cores }: Observation): Finding | undefined {
  if (config.workers <= cores) return undefined;
  return warn(
    'workers',
    `WORKERS is ${config.workers} and there ${cores === 1 ? 'is' : 'are'} ${counted(cores, 'core')}: more memory and connections, no more work`,
    `WORKERS=${cores}`,
  );
}

function everybodyIsProxy({ config }: Observation): Finding | undefined {
  const wide = config.trusted_proxies.find((range) => Number(range.split('/')[1] ?? 128) < WIDE_PREFIX);
  if (wide === undefined) return undefined;
  const sentence = `TRUSTED_PROXIES has ${wide}: a client from there names its own address, so limits by address have no effect`;
  const fix = 'name the proxies’ own addresses';
  return wide.endsWith('/0') ? fail('trusted_proxies', sentence, fix) : warn('trusted_proxies', sentence, fix);
}

/** In production the configuration itself refuses it. */
function everyOrigin({ config }: Observation): Finding | undefined {
  if (config.environment === 'production' || !config.cors_origins.includes('*')) return undefined;
  const sentence =
    config.cors_origins.length > 1
      ? 'CORS_ORIGINS has * beside origins, which then mean nothing'
      : 'CORS_ORIGINS is *: every website may call the API; production refuses it';
  return warn('cors', sentence, 'CORS_ORIGINS=https://app.example.com');
}

function limitsThatAreOff({ config, given }: Observation): Finding | undefined {
  const set = [...given].filter((name) => name.startsWith('LIMIT_') || name === 'REDIS_URL').sort();
  if (config.rate_limits || set.length === 0) return undefined;
  const are = set.length === 1 ? 'is set and means' : 'are set and mean';
  return warn('limits_off', `RATE_LIMITS is false: ${set.join(', ')} ${are} nothing`, 'RATE_LIMITS=true');
}

function accountLimit({ config }: Observation): Finding | undefined {
  const { limit_login_failures_per_account: account, limit_login_failures_in_a_row: row } = config;
  if (account.count <= row) return undefined;
  return warn(
    'limits',
    `LIMIT_LOGIN_FAILURES_PER_ACCOUNT (${account}) is never reached: LIMIT_LOGIN_FAILURES_IN_A_ROW (${row}) asks for a new password before`,
    `LIMIT_LOGIN_FAILURES_IN_A_ROW=${account.count * 10}`,
  );
}

function networkLimit({ config }: Observation): Finding | undefined {
  const { limit_login_failures_per_account: account, limit_login_failures_per_ip: network } = config;
  if (network.count >= account.count) return undefined;
  return warn(
    'limits',
    `LIMIT_LOGIN_FAILURES_PER_IP (${network}) allows fewer failures than one account has (${account}): one forgetful user shuts out all behind the same address`,
    'a higher LIMIT_LOGIN_FAILURES_PER_IP',
  );
}

/** What the connection itself shows counts more; this is for when the database is away. */
function poolerPort({ config, database }: Observation): Finding | undefined {
  const { database_pooler, database_url } = config;
  if (database_pooler !== 'none' || database_url === undefined || 'seen' in database) return undefined;
  if (parseConnectionString(database_url.reveal()).port !== 6543) return undefined;
  return warn(
    'pooler_port',
    'DATABASE_POOLER is none, and port 6543 is the one of Supabase’s transaction pooler: named statements fail there',
    'DATABASE_POOLER=auto',
  );
}
