import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { ROLLBACK_SQL } from './session.ts';
import { literal } from './versions.ts';

export interface TransactionSettings {
  schema: string;
  lock_wait?: string;
  statement_timeout?: string | undefined;
}

/** The same number everywhere: a run waits for the run that began before it. */
export const LOCK_KEY = 7_204_611_938;

/** Independent of the defaults of the role and the database. */
export const BEGIN = 'begin isolation level read committed read write';

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
  await client.query(`${BEGIN}; ${settingsSql(settings)}`);
  return finishing(client, work);
}

/** A transaction that holds the migration lock. */
export interface LockedTransaction {
  /** What `ask` has answered. */
  answer: Record<string, unknown>[];
  /** SQL that goes out together with the commit: one way to the server and back for all of it. */
  atCommit: (statements: readonly string[]) => void;
}

/**
 * Like `inTransaction`, but first waits until this transaction alone holds the migration lock, which lasts to its end and so
 * holds through a transaction pooler too. `onWait` is called once, if another run holds it; `ask` is a query that goes along.
 */
export async function underMigrationLock<T>(
  client: pg.Client,
  { onWait, ask = 'select', ...settings }: TransactionSettings & { onWait?: (() => void) | undefined; ask?: string },
  work: (transaction: LockedTransaction) => Promise<T>,
): Promise<T> {
  const lock = `select pg_try_advisory_xact_lock(${LOCK_KEY}) as is_mine`;
  const begin = [BEGIN, settingsSql(settings), lock, ask].join('; ');
  for (let tries = 0; ; tries++) {
    const [locked, answer = []] = await lastRows(client, begin);
    if (locked?.[0]?.is_mine === true) {
      const closing: string[] = [];
      const atCommit: LockedTransaction['atCommit'] = (statements) => void closing.push(...statements);
      return finishing(client, () => work({ answer, atCommit }), closing);
    }
    if (tries === 0) onWait?.();
    await client.query('rollback');
    // Asking again, not waiting in the server: a waiting statement holds a snapshot, and the other's CREATE INDEX
    // CONCURRENTLY waits for every snapshot, so that both would wait for ever.
    await pause(PAUSE_MS.least, PAUSE_MS.most);
  }
}

/** Waits a random time, so that those who wait for the same thing do not come back together. */
export function pause(least_ms: number, most_ms: number): Promise<void> {
  return sleep(least_ms + Math.random() * (most_ms - least_ms));
}

/**
 * SQL of what holds in a migration's transaction only: nothing here outlives it. The same text means the same everywhere,
 * so what the role or the database has set for it does not count. One statement, since each of nine would cost as much.
 */
export function settingsSql({ schema, lock_wait, statement_timeout = '0' }: TransactionSettings): string {
  const settings = {
    standard_conforming_strings: `'on'`,
    statement_timeout: literal(statement_timeout),
    idle_in_transaction_session_timeout: `'0'`,
    ...(lock_wait !== undefined && { lock_timeout: literal(lock_wait) }),
    timezone: `'UTC'`,
    datestyle: `'ISO, MDY'`,
    intervalstyle: `'postgres'`,
    search_path: `concat_ws(', ', ${literal(`"${schema}"`)}, nullif(current_setting('search_path'), ''))`,
  };
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', ${value}, true)`);
  // PostgreSQL 17 has it, 15 does not.
  const transactionTimeout = `case when current_setting('transaction_timeout', true) <> '0' then set_config('transaction_timeout', '0', true) end`;
  return `select ${[...set, transactionTimeout].join(',\n  ')}`;
}

/** The rows of the last two statements of a text. */
async function lastRows(client: pg.Client, text: string): Promise<Record<string, unknown>[][]> {
  try {
    // Several statements in one text give a list of results; the driver's type knows only the single one.
    const results = (await client.query(text)) as unknown as pg.QueryResult[];
    return results.slice(-2).map(({ rows }) => rows);
  } catch (error) {
    await client.query(ROLLBACK_SQL).catch(() => {});
    throw error;
  }
}

async function finishing<T>(client: pg.Client, work: () => Promise<T>, closing: readonly string[] = []): Promise<T> {
  try {
    const result = await work();
    await client.query([...closing, 'commit'].join(';\n'));
    return result;
  } catch (error) {
    // The connection may be what failed; the server rolls back by itself then.
    await client.query(ROLLBACK_SQL).catch(() => {});
    throw error;
  }
}
