import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { literal } from './versions.ts';

export interface TransactionSettings {
  schema: string;
  lock_wait?: string;
  statement_timeout?: string | undefined;
}

/** Same number everywhere: whoever migrates a database waits for whoever began before. */
export const LOCK_KEY = 7_204_611_938;

const PAUSE_MS = { least: 50, most: 200 };

/**
 * Runs `work` in one transaction and returns its value; any error rolls back. With `lock_wait` no statement waits longer
 * than that for a table.
 */
export async function inTransaction<T>(
  client: pg.Client,
  settings: TransactionSettings,
  work: () => Promise<T>,
): Promise<T> {
  await client.query(`begin; ${settingsSql(settings).join('; ')}`);
  return finishing(client, work);
}

/**
 * Like `inTransaction`, but first waits until this transaction alone holds the migration lock, which lasts to its end and so
 * holds through a transaction pooler too. `onWait` is told once, when somebody else holds it.
 */
export async function underMigrationLock<T>(
  client: pg.Client,
  { onWait, ...settings }: TransactionSettings & { onWait?: (() => void) | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const begin = `begin; ${settingsSql(settings).join('; ')}; select pg_try_advisory_xact_lock(${LOCK_KEY}) as is_mine`;
  for (let tries = 0; !(await isLocked(client, begin)); tries++) {
    if (tries === 0) onWait?.();
    await client.query('rollback');
    // Asking again, not waiting in the server: a waiting statement holds a snapshot, and the other's CREATE INDEX
    // CONCURRENTLY waits for every snapshot, so that both would wait for ever.
    await pause(PAUSE_MS.least, PAUSE_MS.most);
  }
  return finishing(client, work);
}

/** Waits a random time, so that those who wait for the same thing do not come back together. */
export function pause(least_ms: number, most_ms: number): Promise<void> {
  return sleep(least_ms + Math.random() * (most_ms - least_ms));
}

/** SQL of what holds in a migration's transaction only: nothing here outlives it. */
export function settingsSql({ schema, lock_wait, statement_timeout = '0' }: TransactionSettings): string[] {
  const path = `select set_config('search_path', ${literal(`"${schema}", `)} || current_setting('search_path'), true)`;
  return [
    `set local statement_timeout = ${literal(statement_timeout)}`,
    'set local idle_in_transaction_session_timeout = 0',
    ...(lock_wait === undefined ? [] : [`set local lock_timeout = ${literal(lock_wait)}`]),
    ...(schema === 'public' ? [] : [path]),
  ];
}

async function isLocked(client: pg.Client, begin: string): Promise<boolean> {
  // Several statements in one text give a list of results; the driver's type knows only the single one.
  const results = (await client.query(begin)) as unknown as pg.QueryResult[];
  return results.at(-1)?.rows[0]?.is_mine === true;
}

async function finishing<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // The connection may be what failed; the server rolls back by itself then.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
