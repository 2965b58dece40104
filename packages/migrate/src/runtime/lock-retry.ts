import type pg from 'pg';
import { MigrationError } from '../errors.ts';
import type { Script } from '../script/revisions.ts';
import { tablesIn } from '../sql/names.ts';
import { sqlState } from './statement-error.ts';
import { pause } from './transaction.ts';

/** While a statement waits for a table, every later query of that table waits behind it: so it waits only so long. */
export const LOCK_WAIT = '100ms';
const PAUSE_MS = { least: 100, most: 700 };
const DEFAULT_LOCK_TIMEOUT = '5s';
/** It gives up after this number of lock timeouts. */
const ROUNDS = 12;
const IS_LOST_RACE = new Set(['55P03', '40P01']);
const UNIT_MS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

/**
 * Runs a transaction again and again until it gets its locks: it waits for a lock only for an instant, then lets the traffic
 * pass and comes back after a random pause. Each time that `lock_timeout` is over it says who is in the way; after twelve it throws.
 */
export async function withLockRetry<T>(
  { client, onWait }: { client: pg.Client; onWait?: ((reason: string) => void) | undefined },
  script: Pick<Script, 'lock_timeout' | 'statements'>,
  attempt: () => Promise<T>,
): Promise<T> {
  const timeoutMs = milliseconds(script.lock_timeout ?? DEFAULT_LOCK_TIMEOUT);
  const started = performance.now();
  for (let rounds = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (!IS_LOST_RACE.has(sqlState(error) ?? '')) throw error;
      const elapsedMs = performance.now() - started;
      if (elapsedMs >= (rounds + 1) * timeoutMs || rounds === 0) {
        rounds = Math.max(1, Math.ceil(elapsedMs / timeoutMs));
        const reason = await whoHolds(client, script);
        if (elapsedMs >= ROUNDS * timeoutMs) throw gaveUp(error, elapsedMs, reason);
        onWait?.(reason);
      }
      await pause(PAUSE_MS.least, PAUSE_MS.most);
    }
  }
}

/** A duration as PostgreSQL writes it. */
function milliseconds(duration: string): number {
  const { number = '0', unit = '' } = /^(?<number>\d+)\s*(?<unit>\w*)$/.exec(duration)?.groups ?? {};
  return Number(number) * (UNIT_MS[unit] ?? 1);
}

function gaveUp(error: unknown, elapsedMs: number, reason: string): MigrationError {
  const message = error instanceof Error ? error.message : String(error);
  return new MigrationError(
    `${message}\nGave up after ${Math.round(elapsedMs / 1000)} s: ${reason}. Nothing was changed; try again when it is gone`,
    { cause: error },
  );
}

async function whoHolds(client: pg.Client, { statements }: Pick<Script, 'statements'>): Promise<string> {
  const tables = [...new Set(statements.flatMap((statement) => tablesIn(statement)))];
  const { rows } = await client.query(
    `select l.relation::regclass::text as table, a.pid, floor(extract(epoch from clock_timestamp() - a.xact_start)) as seconds,
            coalesce(nullif(left(regexp_replace(a.query, '\\s+', ' ', 'g'), 60), ''), a.state) as query
       from unnest($1::text[]) as wanted(name)
       join pg_locks l on l.relation = to_regclass(wanted.name) and l.granted
       join pg_stat_activity a on a.pid = l.pid
      where a.pid <> pg_backend_pid() order by a.xact_start limit 1`,
    [tables],
  );
  const [holder] = rows;
  if (holder === undefined) return 'no single blocker could be identified';
  return `${holder.table} is in use by process ${holder.pid} for ${holder.seconds} s: ${holder.query}`;
}
