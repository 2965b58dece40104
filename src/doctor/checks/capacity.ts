import { counted, type Finding, fail, judged, ok, warn } from '../finding.ts';
import type { DatabaseObservation, Look, Observation, PoolerLimits, Pooling, Usage } from '../observation.ts';

/** From this share on a second deployment beside the first one does not fit. */
const NARROW = 0.8;

interface Need {
  connections: number;
  /** How they come about. */
  sum: string;
}

/** Whether all copies of the application together get the connections that their pools may open. */
export function checkCapacity(database: DatabaseObservation, observation: Observation): Finding[] {
  const need = needOf(observation);
  const { pooler, pooling } = database;
  const kind = 'seen' in pooling ? pooling.seen.kind : 'direct';
  return [
    ...judged(database.usage, 'max_connections', (usage) => [
      kind === 'transaction_pooler' ? shared(need, usage, pooler) : held(need, usage),
    ]),
    ...(kind === 'direct' ? [] : [ofPooler(need, { kind, pooler })]),
  ];
}

function needOf({ config, instances }: Observation): Need {
  const { workers, pool_size, pool_max_overflow } = config;
  const pool = pool_size + pool_max_overflow;
  const sum = `${counted(instances, 'instance')} × ${counted(workers, 'worker')} × (${pool_size} + ${pool_max_overflow})`;
  return { connections: instances * workers * pool, sum };
}

/** Each connection of the application is one of the server. */
function held({ connections, sum }: Need, usage: Usage): Finding {
  const check = 'max_connections';
  const free = freeOf(usage);
  const sentence = `${connections} connections at most (${sum}), and ${free} are to be had (${sourcesOf(usage)})`;
  const fix = [
    'lower POOL_SIZE and POOL_MAX_OVERFLOW, or WORKERS',
    'or take a transaction pooler, or raise max_connections',
  ];
  if (connections > free)
    return fail(check, `${sentence}: under load the server refuses some, and requests get 503`, ...fix);
  if (connections > free * NARROW)
    return warn(check, `${sentence}: a deployment that starts beside the old one does not fit`, ...fix);
  return ok(check, sentence);
}

/** The pooler's own connections are what counts. */
function shared({ connections, sum }: Need, usage: Usage, pooler: Look<PoolerLimits> | undefined): Finding {
  const check = 'max_connections';
  const free = freeOf(usage);
  const own = pooler !== undefined && 'seen' in pooler ? pooler.seen.default_pool_size : 0;
  const sentence = `${connections} connections at most (${sum}) share those of the pooler; the server has ${free} for it (${sourcesOf(usage)})`;
  if (own <= free) return ok(check, sentence);
  return fail(
    check,
    `${sentence}, and it may open ${own}: under load the server refuses some`,
    `default_pool_size = ${free} at the pooler, or a higher max_connections`,
  );
}

function ofPooler(
  { connections }: Need,
  { kind, pooler }: { kind: Pooling['kind']; pooler: Look<PoolerLimits> | undefined },
): Finding {
  const check = 'pooler_limits';
  if (pooler === undefined || 'failure' in pooler)
    return ok(
      check,
      `The pooler does not tell its limits (PgBouncer does so on its admin console, to admin_users and stats_users): see that it takes ${connections} clients${kind === 'session_pooler' ? ' at once, each with a server connection of its own' : ''}`,
    );
  const { max_client_conn, default_pool_size } = pooler.seen;
  if (connections > max_client_conn)
    return fail(
      check,
      `The pooler takes ${max_client_conn} clients, and ${connections} may come: it refuses some under load`,
      `max_client_conn = ${connections * 2} at the pooler, or smaller pools here`,
    );
  if (kind === 'session_pooler' && connections > default_pool_size)
    return fail(
      check,
      `In session mode the pooler serves ${default_pool_size} clients at once, and ${connections} may come: the others wait until a connection closes`,
      `default_pool_size = ${connections} at the pooler, pool_mode = transaction with DATABASE_POOLER=transaction, or smaller pools here`,
    );
  return ok(check, `The pooler takes ${max_client_conn} clients and has ${default_pool_size} connections for them`);
}

function freeOf({ max_connections, reserved, others, role_limit = Number.POSITIVE_INFINITY }: Usage): number {
  return Math.max(0, Math.min(max_connections - reserved - others, role_limit));
}

function sourcesOf({ max_connections, reserved, others, role_limit }: Usage): string {
  const limit = role_limit === undefined ? '' : `, role or database limited to ${role_limit}`;
  return `max_connections ${max_connections}, ${reserved} reserved, ${others} used by others${limit}`;
}
