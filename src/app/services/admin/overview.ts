import { sql } from 'drizzle-orm';
import packageJson from '../../../../package.json' with { type: 'json' };
import type { AppContext } from '../../context.ts';
import { type PoolUsage, poolUsage } from '../../database.ts';
import { isMail, jobs } from '../../models/system/jobs.ts';
import { maskConnectionString } from '../../utils/connection-string.ts';
import { Secret } from '../../utils/secret.ts';
import type { Readiness } from '../system/health.ts';

/** What an administrator looks at first: whether all is well, and what serves here. */
export interface Overview {
  versions: { product: string; node: string; postgresql: string };
  migrations: { state: Readiness['migrations']; pending: readonly string[] };
  database: { bytes: number; connections: number; max_connections: number };
  /** The connections of this process. */
  pool: PoolUsage;
  work: Work;
  /** The keys whose tokens are good, the one that signs first; the times are those of the keys directory. */
  keys: readonly {
    id: string;
    algorithm: string;
    signs: boolean;
    signs_from: Date | null;
    signs_until: Date | null;
    retires_at: Date | null;
  }[];
  /** The settings in effect by their variables; secrets are masked. */
  settings: readonly { name: string; value: string }[];
}

/** The background work that is not done, and the oldest job that is late. */
export interface Work {
  mails_waiting: number;
  mails_dead: number;
  /** Of those that wait, the ones that the mail server did not take yet. */
  mails_failing: number;
  /** What it said last of one that is not delivered. */
  mail_error: string | null;
  /** When a mail was delivered last; null if none of the last thousand jobs was one. */
  mail_sent_at: Date | null;
  jobs_waiting: number;
  jobs_dead: number;
  oldest_late: Date | null;
}

/** The present state of this process and its database. */
export async function read(ctx: AppContext): Promise<Overview> {
  const [facts, work, { migrations }, pending] = await Promise.all([
    databaseFacts(ctx),
    readWork(ctx),
    ctx.health.readiness(),
    ctx.health.pending(),
  ]);
  const { postgresql, ...database } = facts;
  return {
    versions: { product: packageJson.version, node: process.versions.node, postgresql },
    migrations: { state: migrations, pending },
    database,
    work,
    pool: poolUsage(ctx),
    keys: ctx.keyring.scheduleAt(ctx.clock.now()).map(({ key: { one_time, access }, ...times }, index) => ({
      id: one_time.id,
      algorithm: access.algorithm,
      signs: index === 0,
      signs_from: times.signs_from ?? null,
      signs_until: times.signs_until ?? null,
      retires_at: times.retires_at ?? null,
    })),
    settings: settingsOf(ctx.config),
  };
}

/** The settings by the names of their variables, those of each issuer too. */
function settingsOf({ oidc_providers, ...settings }: AppContext['config']): Overview['settings'] {
  const ofIssuers = oidc_providers.flatMap(({ id, ...values }) =>
    Object.entries(values).map(([name, value]): [string, unknown] => [`oidc_${id}_${name}`, value]),
  );
  return [...Object.entries(settings), ...ofIssuers].map(([name, value]) => ({
    name: name.toUpperCase(),
    value: printed(name, value),
  }));
}

async function databaseFacts({ db }: Pick<AppContext, 'db'>): Promise<Overview['database'] & { postgresql: string }> {
  const { rows } = await db.execute<Record<'postgresql' | 'bytes' | 'connections' | 'max_connections', string>>(sql`
    select current_setting('server_version') as postgresql, pg_database_size(current_database())::text as bytes,
      (select count(*)::text from pg_stat_activity where datname = current_database()) as connections,
      current_setting('max_connections') as max_connections`);
  const { postgresql = '', bytes, connections, max_connections } = rows[0] ?? {};
  return {
    postgresql,
    bytes: Number(bytes),
    connections: Number(connections),
    max_connections: Number(max_connections),
  };
}

const isFailing = sql`${jobs.state} = 'pending' and ${isMail} and ${jobs.last_error} is not null`;

/** The partial indexes hold what waits and what is dead: few rows of many. */
async function readWork({ db }: Pick<AppContext, 'db'>): Promise<Work> {
  const last = sql`(select ${jobs.kind}, ${jobs.finished_at} from ${jobs} where ${jobs.state} = 'done' order by ${jobs.finished_at} desc limit 1000)`;
  const { rows } = await db.execute<Record<keyof Work, string | null>>(sql`
    select count(*) filter (where ${jobs.state} = 'pending' and ${isMail})::text as mails_waiting,
      count(*) filter (where ${jobs.state} = 'dead' and ${isMail})::text as mails_dead,
      count(*) filter (where ${isFailing})::text as mails_failing,
      coalesce(
        (select ${jobs.last_error} from ${jobs} where ${isFailing} order by ${jobs.run_at} desc limit 1),
        (select ${jobs.last_error} from ${jobs} where ${jobs.state} = 'dead' and ${isMail} order by ${jobs.id} desc limit 1)
      ) as mail_error,
      (select max(finished_at)::text from ${last} as last where kind = 'mail.send') as mail_sent_at,
      count(*) filter (where ${jobs.state} = 'pending' and not ${isMail})::text as jobs_waiting,
      count(*) filter (where ${jobs.state} = 'dead' and not ${isMail})::text as jobs_dead,
      min(${jobs.run_at}) filter (where ${jobs.state} = 'pending' and ${jobs.run_at} < now() - interval '1 minute')::timestamptz::text as oldest_late
    from ${jobs} where ${jobs.state} = 'pending' or ${jobs.state} = 'dead'`);
  const [row] = rows;
  return {
    mails_waiting: Number(row?.mails_waiting),
    mails_dead: Number(row?.mails_dead),
    mails_failing: Number(row?.mails_failing),
    mail_error: row?.mail_error ?? null,
    mail_sent_at: momentOf(row?.mail_sent_at),
    jobs_waiting: Number(row?.jobs_waiting),
    jobs_dead: Number(row?.jobs_dead),
    oldest_late: momentOf(row?.oldest_late),
  };
}

function momentOf(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
}

/** Of a secret, at most where it leads. */
function printed(name: string, value: unknown): string {
  if (value instanceof Secret) return masked(name, value.reveal());
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.join(', ');
  // A rate says itself how it is written.
  const isPlain = typeof value === 'object' && value !== null && !Object.hasOwn(value, 'toString');
  return isPlain ? JSON.stringify(value) : String(value);
}

function masked(name: string, secret: unknown): string {
  const isEmpty = typeof secret === 'object' && secret !== null && Object.keys(secret).length === 0;
  if (isEmpty) return '';
  return typeof secret === 'string' && name.endsWith('_url') ? maskConnectionString(secret, '[secret]') : '[secret]';
}
