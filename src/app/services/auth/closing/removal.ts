import { and, eq, ne, sql } from 'drizzle-orm';
import type { Core } from '../../../core.ts';
import { inTransaction } from '../../../database.ts';
import { sessions } from '../../../models/auth/sessions.ts';
import { users } from '../../../models/auth/users.ts';
import { inTrace } from '../../../observability/trace.ts';
import { newId } from '../../../utils/ids.ts';
import { startPeriodicTask } from '../../../utils/periodic-task.ts';
import * as audit from '../../system/audit.ts';
import { countOwned, removeOwned } from './owned-rows.ts';

/** Removes the rows of closed accounts and of sessions that ended with all others of their user. */
export interface Removal {
  /** Removes all that waits and is not in the hands of another replica; rejects if the database refuses. */
  run: () => Promise<void>;
  /** Begins at once, in the background. */
  wake: () => void;
  /** Ends after the batch under way. */
  close: () => Promise<void>;
}

type Waiting = Pick<typeof users.$inferSelect, 'id' | 'session_epoch'>;

const FIRST_MS = 10_000;
const EVERY_MS = 60_000;
const ROWS_AT_ONCE = 1000;

/**
 * A batch is a transaction of its own and the list stands in the database, so a process that ends loses nothing, and the
 * next one goes on. Each batch locks its user's row: replicas work on different users. A user whose rows are refused is left
 * for the next run, which takes fewer rows at once.
 */
export function createRemoval(core: Pick<Core, 'config' | 'db' | 'log' | 'metrics'>): Removal {
  const { log, metrics } = core;
  let rows = ROWS_AT_ONCE;
  let running: Promise<void> | undefined;
  let isClosed = false;

  const removeAll = async (): Promise<void> => {
    const refused = new Map<string, unknown>();
    metrics.removals_waiting.set(await countWaiting(core));
    for (
      let id = await findNext(core, []);
      id !== undefined && !isClosed;
      id = await findNext(core, [...refused.keys()])
    ) {
      try {
        await removeBatch(core, id, rows);
        metrics.removal_batches_total.inc('removed');
        rows = Math.min(ROWS_AT_ONCE, rows * 2);
      } catch (error) {
        metrics.removal_batches_total.inc('failed');
        rows = Math.max(1, Math.floor(rows / 4));
        refused.set(id, error);
      }
    }
    metrics.removals_waiting.set(await countWaiting(core));
    for (const error of refused.values()) throw error;
  };

  const run = (): Promise<void> => {
    running ??= inTrace(undefined, removeAll).finally(() => {
      running = undefined;
    });
    return running;
  };

  const onFailure = (err: unknown): void =>
    log.warn({ event: 'removal.failed', err }, 'rows of a closed account were not removed; the next run goes on');
  const task = startPeriodicTask(run, { firstMs: FIRST_MS, everyMs: EVERY_MS, onFailure });

  return {
    run,
    wake: () => void run().catch(onFailure),
    close: async () => {
      isClosed = true;
      task.close();
      await running?.catch(() => {});
    },
  };
}

async function countWaiting({ db }: Pick<Core, 'db'>): Promise<number> {
  return db.$count(users, sql`${users.removing} is not null`);
}

/** A user whose rows wait and whom no other replica has in hand. */
async function findNext({ db }: Pick<Core, 'db'>, refused: readonly string[]): Promise<string | undefined> {
  const [user] = await db
    .select({ id: users.id })
    .from(users)
    .where(sql`${users.removing} is not null and ${users.id} <> all(${sql.param(refused)}::uuid[])`)
    .limit(1)
    .for('no key update', { skipLocked: true });
  return user?.id;
}

/** Nothing happens if another replica took the user meanwhile. */
async function removeBatch(core: Pick<Core, 'db'>, id: string, rows: number): Promise<void> {
  await inTransaction(core, async (core) => {
    const [user] = await core.db
      .select({ id: users.id, removing: users.removing, session_epoch: users.session_epoch })
      .from(users)
      .where(and(eq(users.id, id), sql`${users.removing} is not null`))
      .for('no key update', { skipLocked: true });
    if (user?.removing === 'account') await emptyAccount(core, user, rows);
    if (user?.removing === 'sessions') await removeSessions(core, user, rows);
  });
}

async function emptyAccount(core: Pick<Core, 'db'>, { id }: Waiting, rows: number): Promise<void> {
  if ((await removeOwned(core, id, rows)) > 0) return;
  // The deletion would wait for them, and everybody else for the user's row.
  if ((await countOwned(core, id, 0)) > 0) throw new Error('rows of the account are in use: the next run takes them');
  await core.db.delete(users).where(eq(users.id, id));
  const task = { actor: null, client: { ip: 'local', user_agent: null }, request_id: newId() };
  await audit.record({ ...core, ...task }, { event: 'user.emptied', subject_id: id });
}

async function removeSessions({ db }: Pick<Core, 'db'>, { id, session_epoch }: Waiting, rows: number): Promise<void> {
  const ended = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.user_id, id), ne(sessions.epoch, session_epoch)))
    .limit(rows);
  const { rowCount } = await db.delete(sessions).where(sql`${sessions.id} = any(array(${ended}))`);
  if (rowCount) return;
  const done = { removing: null, updated_at: sql`${users.updated_at}` };
  await db.update(users).set(done).where(eq(users.id, id));
}
