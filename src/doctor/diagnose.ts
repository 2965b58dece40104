import { checkAdmins } from './checks/admins.ts';
import { checkBudget } from './checks/budget.ts';
import { checkCapacity } from './checks/capacity.ts';
import { checkConnection } from './checks/connection.ts';
import { checkJobs } from './checks/jobs.ts';
import { checkKeys } from './checks/keys.ts';
import { checkLatency } from './checks/latency.ts';
import { checkMail } from './checks/mail.ts';
import { checkRedis } from './checks/redis.ts';
import { checkRole } from './checks/role.ts';
import { checkForeignKeys, checkMigrations, checkUnchecked } from './checks/schema.ts';
import { checkPoolSession, checkServer } from './checks/server.ts';
import { checkSettings } from './checks/settings.ts';
import { checkTls } from './checks/tls.ts';
import { type Finding, fail, judged, type Level } from './finding.ts';
import type { DatabaseObservation, Observation } from './observation.ts';

/** Findings under their heading. */
export interface Group {
  heading: string;
  findings: readonly Finding[];
}

/** What the doctor says of an environment. */
export interface Diagnosis {
  counts: Readonly<Record<Level, number>>;
  groups: readonly Group[];
}

/** Judges what was observed. Pure: the same observation gives the same diagnosis. */
export function diagnose(observation: Observation): Diagnosis {
  const { config, database, mail, redis } = observation;
  const groups = [
    ...('seen' in database ? ofDatabase(database.seen, observation) : [unreachable(database.failure)]),
    { heading: 'Keys', findings: checkKeys(observation) },
    { heading: 'Settings', findings: checkSettings(observation) },
    ...ofMail(checkMail(config, mail)),
    { heading: 'Budget', findings: checkBudget(observation) },
    ...(redis === undefined ? [] : [{ heading: 'Redis', findings: checkRedis(redis) }]),
  ];
  const levels = groups.flatMap(({ findings }) => findings.map(({ level }) => level));
  const count = (wanted: Level): number => levels.filter((level) => level === wanted).length;
  return { counts: { ok: count('ok'), warn: count('warn'), fail: count('fail') }, groups };
}

function ofMail(findings: readonly Finding[]): Group[] {
  return findings.length === 0 ? [] : [{ heading: 'Mail', findings }];
}

function unreachable(failure: string): Group {
  const finding = fail(
    'database',
    `The database cannot be reached, and what needs it was not looked at: ${failure}`,
    'see DATABASE_URL: host, port, user, password, database; on Supabase whether the project is paused',
  );
  return { heading: 'Connection', findings: [finding] };
}

function ofDatabase(database: DatabaseObservation, observation: Observation): Group[] {
  const { config, now } = observation;
  const { latency, server, session, role, migrations, foreign_keys, unchecked, jobs, admins, pooling, tls } = database;
  const isTransactionPooler = 'seen' in pooling && pooling.seen.kind === 'transaction_pooler';
  const isProduction = config.environment === 'production';
  const scope = { schema: config.database_schema, isAtHome: tls.is_local && !isProduction };
  return [
    { heading: 'Connection', findings: checkConnection(database) },
    { heading: 'Encryption', findings: checkTls(tls, now) },
    {
      heading: 'Latency and clock',
      findings: judged(latency, 'latency', (seen) => checkLatency(seen, config.pool_timeout_seconds)),
    },
    {
      heading: 'Server and session',
      findings: [
        ...judged(server, 'server', (seen) => checkServer(seen, now)),
        ...judged(session, 'session', (seen) => checkPoolSession(seen, { isProduction, isTransactionPooler })),
      ],
    },
    { heading: 'Connections', findings: checkCapacity(database, observation) },
    {
      heading: 'Schema',
      findings: [
        ...judged(migrations, 'migrations', checkMigrations),
        ...judged(foreign_keys, 'foreign_key_indexes', checkForeignKeys),
        ...judged(unchecked, 'constraints', checkUnchecked),
      ],
    },
    { heading: 'Jobs', findings: judged(jobs, 'jobs', (seen) => (seen === undefined ? [] : checkJobs(seen))) },
    {
      heading: 'Accounts',
      findings: judged(admins, 'admins', (seen) => (seen === undefined ? [] : checkAdmins(seen, config))),
    },
    { heading: 'Role', findings: judged(role, 'role', (seen) => checkRole(seen, scope)) },
  ];
}
