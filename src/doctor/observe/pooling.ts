import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Pooling } from '../observation.ts';
import { lastRow } from './connections.ts';

/** A pooler that hands out the server that was used last needs one turn; one that goes round, as many as it has servers. */
const TURNS = 20;
const NOTICE_WITHIN_MS = 500;
const HELD_WITHIN_MS = 1000;
const MARK = 'back_doctor.mark';
const PID = 'select pg_backend_pid() as pid';

type Abilities = Omit<Pooling, 'kind' | 'evidence'>;

/**
 * Tells from two connections what stands between, by what a session keeps from one statement to the next, and tries what
 * works through it. What is left in a session that others may get is taken away again.
 */
export async function observePooling(one: pg.Client, other: pg.Client): Promise<Pooling> {
  const sharing = await sharedServers(one, other);
  const transaction_locks = await tryTransactionLocks(one, other);
  if (sharing !== undefined) {
    const abilities = { ...(await tryAcrossServers(one, other)), transaction_locks };
    return { kind: 'transaction_pooler', evidence: sharing, ...abilities };
  }
  const abilities = { ...(await tryInSession(one, other)), transaction_locks };
  if (!(await isBehindPooler(one)))
    return { kind: 'direct', evidence: 'the server answers as the process that let us in', ...abilities };
  const evidence = 'the server process is not the one that let us in, and stays the same';
  return { kind: 'session_pooler', evidence, ...abilities };
}

/** True if another process than the server's own answered the login: a pooler invents the key for cancelling. */
export async function isBehindPooler(client: pg.Client): Promise<boolean> {
  const { pid } = await lastRow<{ pid: number }>(client, PID);
  // The driver keeps it for cancelling; only its type leaves it out.
  return (client as unknown as { processID: number | null }).processID !== pid;
}

/** What shows that a connection has no server process of its own; `undefined` if each keeps one. */
async function sharedServers(one: pg.Client, other: pg.Client): Promise<string | undefined> {
  const pids = { one: new Set<number>(), other: new Set<number>() };
  const note = async (whose: Set<number>, client: pg.Client, text = PID): Promise<void> => {
    whose.add((await lastRow<{ pid: number }>(client, text)).pid);
  };
  const verdict = (): string | undefined => {
    if ([...pids.one].some((pid) => pids.other.has(pid))) return 'two connections met the same server process';
    return Math.max(pids.one.size, pids.other.size) > 1 ? 'the server process changes between statements' : undefined;
  };
  await note(pids.one, one);
  await note(pids.other, other);
  // A pooler that hands its servers out in turn shows itself only when one of them is held.
  for (let turn = 0; turn < 2 && verdict() === undefined; turn++) {
    await note(pids.one, one, `begin; ${PID}`);
    await note(pids.other, other);
    await one.query('commit');
    await note(pids.other, other);
    // Once more than the other: two servers that take turns would else keep in step with two connections.
    await note(pids.one, one);
  }
  return verdict();
}

/** True if the lock of one connection's transaction excludes the other one. */
async function tryTransactionLocks(one: pg.Client, other: pg.Client): Promise<boolean> {
  const take = `select pg_try_advisory_xact_lock(${randomKey()}) as got`;
  const mine = await lastRow<{ got: boolean }>(one, `begin; ${take}`);
  const theirs = await lastRow<{ got: boolean }>(other, take);
  await one.query('rollback');
  const after = await lastRow<{ got: boolean }>(other, take);
  return mine.got && !theirs.got && after.got;
}

async function tryInSession(one: pg.Client, other: pg.Client): Promise<Omit<Abilities, 'transaction_locks'>> {
  const key = randomKey();
  const named = statement();
  await one.query(`set ${MARK} = 'set'`);
  const mine = await lastRow<{ got: boolean }>(one, `select pg_try_advisory_lock(${key}) as got`);
  const theirs = await lastRow<{ got: boolean }>(other, `select pg_try_advisory_lock(${key}) as got`);
  if (theirs.got) await other.query(`select pg_advisory_unlock(${key})`);
  const listen = await tryListen(one, other);
  const { mark } = await lastRow<{ mark: string | null }>(one, `select current_setting('${MARK}', true) as mark`);
  await one.query(`select pg_advisory_unlock(${key}); reset ${MARK}`);
  const prepared = await runs(one, named);
  const again = prepared && (await runs(one, named));
  return {
    prepared_statements: again,
    session_settings: mark === 'set',
    session_locks: mine.got && !theirs.got,
    listen,
  };
}

async function tryListen(one: pg.Client, other: pg.Client): Promise<boolean> {
  const channel = `back_doctor_${randomBytes(6).toString('hex')}`;
  const heard = once(one, 'notification', { signal: AbortSignal.timeout(NOTICE_WITHIN_MS) }).then(
    () => true,
    () => false,
  );
  try {
    await one.query(`listen ${channel}`);
    await other.query(`notify ${channel}`);
    return await heard;
  } catch {
    // A standby refuses both.
    return false;
  } finally {
    await one.query(`unlisten ${channel}`).catch(() => {});
  }
}

/** Holds the server that the first connection was at, so that it goes on at another, and looks what it finds there. */
async function tryAcrossServers(one: pg.Client, other: pg.Client): Promise<Omit<Abilities, 'transaction_locks'>> {
  return {
    session_settings: await trySettingAcross(one, other),
    prepared_statements: await tryStatementAcross(one, other),
    // Both belong to a server process, and this connection has none of its own.
    session_locks: false,
    listen: false,
  };
}

async function trySettingAcross(one: pg.Client, other: pg.Client): Promise<boolean | undefined> {
  const { pid } = await lastRow<{ pid: number }>(one, `set ${MARK} = 'set'; ${PID}`);
  const isHeld = await hold(other, pid);
  const met = await lastRow<{ pid: number; mark: string | null }>(
    one,
    `${PID}, current_setting('${MARK}', true) as mark`,
  );
  if (isHeld) await other.query(`reset ${MARK}; commit`);
  return met.pid === pid ? undefined : met.mark === 'set';
}

async function tryStatementAcross(one: pg.Client, other: pg.Client): Promise<boolean | undefined> {
  const named = statement();
  const pid = await run(one, named);
  if (pid === undefined) return false;
  const isHeld = await hold(other, pid);
  const met = await run(one, named);
  // Where the pooler keeps the names itself, it is unknown there.
  if (isHeld) await other.query(`deallocate ${named.name}`).catch(() => {});
  if (isHeld) await other.query('rollback');
  if (met === undefined) return false;
  return met === pid ? undefined : true;
}

/**
 * Opens a transaction at that server; false if others keep it, or if the pooler hands out another one each time: the doctor's own
 * looks use servers beside this one. The first connection may then meet another server all the same.
 */
async function hold(client: pg.Client, pid: number): Promise<boolean> {
  const until = performance.now() + HELD_WITHIN_MS;
  for (let turn = 0; turn < TURNS || performance.now() < until; turn++) {
    const held = await lastRow<{ pid: number }>(client, `begin; ${PID}`);
    if (held.pid === pid) return true;
    await client.query('rollback');
    if (turn >= TURNS) await sleep(20);
  }
  return false;
}

function statement(): Required<Pick<pg.QueryConfig, 'name' | 'text' | 'values'>> {
  const name = `back_doctor_${randomBytes(6).toString('hex')}`;
  return { name, text: 'select pg_backend_pid() as pid, $1::int as one', values: [1] };
}

async function runs(client: pg.Client, named: pg.QueryConfig): Promise<boolean> {
  return (await run(client, named)) !== undefined;
}

/** The server process that ran it; `undefined` if the statement is not known there. */
async function run(client: pg.Client, named: pg.QueryConfig): Promise<number | undefined> {
  try {
    return (await client.query<{ pid: number }>(named)).rows[0]?.pid;
  } catch (error) {
    // invalid_sql_statement_name, duplicate_prepared_statement
    if (error instanceof Error && 'code' in error && (error.code === '26000' || error.code === '42P05'))
      return undefined;
    throw error;
  }
}

function randomKey(): number {
  return randomBytes(4).readInt32BE();
}
