import { and, eq, sql } from 'drizzle-orm';
import type { Config } from '../../../config.ts';
import type { Core } from '../../../core.ts';
import type { Database } from '../../../database.ts';
import {
  isAlive,
  isOfPresentEpoch,
  lineageColumns,
  type SessionLineage,
  sessions,
} from '../../../models/auth/sessions.ts';
import { type Role, users } from '../../../models/auth/users.ts';
import type { RefreshClaims } from '../tokens.ts';
import { createShared } from './shared.ts';

export interface Rotated extends SessionLineage {
  role: Role;
}

/** Moves the counters of living sessions; moves of the same moment share one statement. */
export interface SessionRotation {
  /** The session after the move, or `undefined` if its counter is not the one of the claims or it has ended. */
  rotate: (asked: Asked) => Promise<Rotated | undefined>;
}

/** What a move is asked with. */
export interface Asked extends RefreshClaims {
  /** Of the client. */
  ip: string;
}

/** The row is locked or already rotated; retry it individually. */
const NOT_FREE = Symbol('not free');

/** The session's account is active. */
export const IS_ACTIVE = and(eq(users.id, sessions.user_id), eq(users.is_active, true), isOfPresentEpoch);
/** What a move writes. */
export const MOVED = { counter: sql`${sessions.counter} + 1`, refreshed_at: sql`now()`, last_used_at: sql`now()` };

export function createSessionRotation({ db, config }: Pick<Core, 'db' | 'config'>): SessionRotation {
  const move = prepareMove(db, config);
  const moveFree = prepareMoveFree(db, config);
  const moveOne = async (asked: Asked): Promise<Rotated | undefined> => (await move.execute({ ...asked }))[0];

  const moveAll = async (batch: readonly Asked[]): Promise<(Rotated | undefined | typeof NOT_FREE)[]> => {
    const [only] = batch.length === 1 ? batch : [];
    if (only !== undefined) return [await moveOne(only)];
    const rows = await moveFree.execute({
      ids: batch.map(({ session_id }) => session_id),
      user_ids: batch.map(({ user_id }) => user_id),
      counters: batch.map(({ counter }) => counter),
      ips: batch.map(({ ip }) => ip),
    });
    const moved = new Map(rows.map((row) => [step(row.id, row.counter), row]));
    // Of several requests with the same token one has moved the counter.
    return batch.map(({ session_id, counter }) => take(moved, step(session_id, counter + 1)) ?? NOT_FREE);
  };

  const rotate = createShared(moveAll);
  return {
    rotate: async (asked) => {
      const moved = await rotate(asked);
      return moved === NOT_FREE ? moveOne(asked) : moved;
    },
  };
}

/** One session: waits for the lock of its row. */
function prepareMove(db: Database, config: Config) {
  return db
    .update(sessions)
    .set({ ...MOVED, ip: sql.placeholder('ip') })
    .from(users)
    .where(
      and(
        eq(sessions.id, sql.placeholder('session_id')),
        eq(sessions.user_id, sql.placeholder('user_id')),
        eq(sessions.counter, sql.placeholder('counter')),
        isAlive(config),
        IS_ACTIVE,
      ),
    )
    .returning({ ...lineageColumns, role: users.role })
    .prepare();
}

/** Many sessions: skips locked rows, so that no request waits for another session and no two batches wait for each other. */
function prepareMoveFree(db: Database, config: Config) {
  const asked = sql`unnest(${sql.placeholder('ids')}::uuid[], ${sql.placeholder('user_ids')}::uuid[], ${sql.placeholder('counters')}::integer[], ${sql.placeholder('ips')}::text[]) as asked(id, user_id, counter, ip)`;
  const isAsked = sql`asked.id = ${sessions.id} and asked.user_id = ${sessions.user_id} and asked.counter = ${sessions.counter}`;
  const free = db.$with('free').as(
    db
      .select({ id: sessions.id, ip: sql<string>`asked.ip`.as('asked_ip'), role: users.role })
      .from(sessions)
      .innerJoin(asked, isAsked)
      .innerJoin(users, IS_ACTIVE)
      .where(isAlive(config))
      .for('update', { of: sessions, skipLocked: true }),
  );
  return db
    .with(free)
    .update(sessions)
    .set({ ...MOVED, ip: sql`${free.ip}` })
    .from(free)
    .where(eq(sessions.id, free.id))
    .returning({ ...lineageColumns, role: free.role })
    .prepare();
}

function take(moved: Map<string, Rotated>, key: string): Rotated | undefined {
  const found = moved.get(key);
  moved.delete(key);
  return found;
}

function step(session_id: string, counter: number): string {
  return `${session_id} ${counter}`;
}
