import type pg from 'pg';
import type { Connection, SessionAttrs, Target } from '../utils/connection-string.ts';

/** Finds the server of a connection string that is there and will do, and stays with it until it is gone. */
export interface Failover {
  /** The server that is tried first. */
  readonly target: Target;
  /** True if `connect` tries nothing after the first failure. */
  readonly is_only_one: boolean;
  /** Runs `connect` for one server after the other; rejects with the last error. */
  connect: <T>(connect: (target: Target) => Promise<T>) => Promise<T>;
  /** Rejects if the session is on a server that `target_session_attrs` excludes. */
  requireSuitable: (client: pg.ClientBase) => Promise<void>;
}

interface Role {
  is_standby: boolean;
  is_read_only: boolean;
}

const SUITABLE: Readonly<Record<SessionAttrs, (role: Role) => boolean>> = {
  any: () => true,
  'read-write': ({ is_read_only }) => !is_read_only,
  'read-only': ({ is_read_only }) => is_read_only,
  primary: ({ is_standby }) => !is_standby,
  standby: ({ is_standby }) => is_standby,
  'prefer-standby': ({ is_standby }) => is_standby,
};
/** The server is there and refuses us: the next one would too (libpq §34.1.1.3). */
const FINAL = /^(28|3D)/;

export function createFailover({ targets, target_session_attrs }: Connection): Failover {
  let current = 0;
  /** Calls that take any server, since none is what they would rather have. */
  let undemanding = 0;
  const targetAt = (index: number): Target => targets[index % targets.length] ?? targets[0];

  const tryAll = async <T>(connect: (target: Target) => Promise<T>): Promise<T> => {
    const first = current;
    for (let index = first; ; index++) {
      try {
        const connected = await connect(targetAt(index));
        current = index % targets.length;
        return connected;
      } catch (error) {
        if (isFinal(error) || index - first === targets.length - 1) throw error;
      }
    }
  };

  return {
    get target() {
      return targetAt(current);
    },
    is_only_one: targets.length === 1 && target_session_attrs !== 'prefer-standby',
    connect: async (connect) => {
      try {
        return await tryAll(connect);
      } catch (error) {
        if (target_session_attrs !== 'prefer-standby' || isFinal(error)) throw error;
      }
      undemanding++;
      return tryAll(connect).finally(() => undemanding--);
    },
    requireSuitable: async (client) => {
      if (target_session_attrs === 'any' || undemanding > 0) return;
      const { rows } = await client.query<Role>(
        // The server's own default: the session's is set by us already.
        `select pg_is_in_recovery() as is_standby, pg_is_in_recovery() or reset_val = 'on' as is_read_only
           from pg_settings where name = 'default_transaction_read_only'`,
      );
      if (rows[0] === undefined || !SUITABLE[target_session_attrs](rows[0]))
        throw new Error(`connection error: the server is not ${target_session_attrs}, which DATABASE_URL asks for`);
    },
  };
}

function isFinal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FINAL.test(String(error.code));
}
