import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { counted } from './counted.ts';
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
  /** What the opening's query has answered. */
  answer: Record<string, unknown>[];
  /** SQL that goes out together with the commit, and the transaction to begin behind it: one way to the server and back for all. */
  atCommit: (statements: readonly string[], next?: Opening) => void;
}

/** What begins a transaction under the migration lock. */
export interface Opening {
  sql: string;
  /** What it has answered already, sent together with the commit of the transaction before: the transaction is open. */
  begun?: Begun | undefined;
}

interface Begun {
  isMine: boolean;
  answer: Record<string, unknown>[];
}

/** The opening of a transaction with a query that goes along with it. */
export function openingOf(settings: TransactionSettings, ask = 'select'): Opening {
  const lock = `pg_try_advisory_xact_lock(${LOCK_KEY}) as is_mine`;
  return { sql: [BEGIN, `${settingsSql(settings)}, ${lock}`, ask].join(';\n') };
}

/**
 * Like `inTransaction`, but first waits until this transaction alone holds the migration lock, which lasts to its end and so
 * holds through a transaction pooler too. `onWait` is called once, if another run holds it.
 */
export async function underMigrationLock<T>(
  client: pg.Client,
  { opening, onWait }: { opening: Opening; onWait?: (() => void) | undefined },
  work: (transaction: LockedTransaction) => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    const { isMine, answer } = opening.begun ?? (await begin(client, opening));
    opening.begun = undefined;
    if (isMine) {
      const closing: Closing = { statements: [], next: undefined };
      const atCommit: LockedTransaction['atCommit'] = (statements, next) =>
        void Object.assign(closing, { statements, next });
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
  return `select concat(${[...set, transactionTimeout].join(',\n  ')}) as settings`;
}

/** Ends the transaction of an opening that went out with a commit, if nobody has come to use it. */
export async function abandon(client: pg.Client, opening: Opening | undefined): Promise<void> {
  if (opening?.begun === undefined) return;
  opening.begun = undefined;
  await client.query(ROLLBACK_SQL).catch(() => {});
}

async function begin(client: pg.Client, { sql }: Opening): Promise<Begun> {
  try {
    return begunFrom(await client.query(sql));
  } catch (error) {
    await client.query(ROLLBACK_SQL).catch(() => {});
    throw error;
  }
}

/** The last two statements of an opening ask for the lock and for what goes along. */
function begunFrom(result: unknown): Begun {
  // Several statements in one text give a list of results; the driver's type knows only the single one.
  const [locked, asked] = (result as pg.QueryResult[]).slice(-2);
  return { isMine: locked?.rows[0]?.is_mine === true, answer: asked?.rows ?? [] };
}

interface Closing {
  statements: readonly string[];
  next: Opening | undefined;
}

async function finishing<T>(client: pg.Client, work: () => Promise<T>, closing?: Closing): Promise<T> {
  try {
    const result = await work();
    await commit(client, closing);
    return result;
  } catch (error) {
    // The connection may be what failed; the server rolls back by itself then.
    await client.query(ROLLBACK_SQL).catch(() => {});
    throw error;
  }
}

async function commit(client: pg.Client, { statements = [], next }: Partial<Closing> = {}): Promise<void> {
  const ending = [...statements, 'commit'];
  if (next === undefined) return void (await client.query(ending.join(';\n')));
  const { result, error, completed } = await counted(client, [...ending, next.sql].join(';\n'));
  if (completed < ending.length) throw error;
  if (error === undefined) next.begun = begunFrom(result);
  // The commit stands. What failed is the next transaction's, which says so when its turn comes.
  else await client.query(ROLLBACK_SQL).catch(() => {});
}
