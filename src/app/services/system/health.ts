import { sql } from 'drizzle-orm';
import type { Core } from '../../core.ts';
import { withinDeadline } from '../../utils/deadline.ts';

export type DatabaseState = 'connected' | 'disconnected';

export interface Readiness {
  ready: boolean;
  database: DatabaseState;
  migrations: 'at_head' | 'pending' | 'unknown';
  shutting_down: boolean;
}

/** What the orchestrator and the seed's users ask: is the database there, may traffic come. */
export interface Health {
  database: () => Promise<DatabaseState>;
  readiness: () => Promise<Readiness>;
  /** The revisions that the database lacks; none too where it cannot be asked. */
  pending: () => Promise<readonly string[]>;
  /** From now on `readiness` answers no: the load balancer takes the instance out before it stops. */
  startShutdown: () => void;
  readonly shutting_down: boolean;
  /** Requests are refused from now on; a load balancer that reads readiness has had the time to choose another server. */
  startRefusing: () => void;
  readonly refusing: boolean;
}

const DEADLINE_MS = 2000;

/** `pending` names the revisions that the database lacks. Everybody who asks while a question is under way shares its answer. */
export function createHealth({ db, log }: Pick<Core, 'db' | 'log'>, pending: () => Promise<readonly string[]>): Health {
  let shutting_down = false;
  let refusing = false;
  const database = shared(async () => {
    const answer = await answerOf(db.execute(sql`select 1`));
    if (answer instanceof Error)
      log.error({ event: 'health.database_disconnected', err: answer }, 'the database does not answer');
    return answer instanceof Error ? 'disconnected' : 'connected';
  });
  const migrations = shared(async () => {
    const ids = await answerOf(pending());
    if (ids instanceof Error) return 'unknown';
    return ids.length === 0 ? 'at_head' : 'pending';
  });
  return {
    database,
    pending: () => pending().catch(() => []),
    readiness: async () => {
      const [connected, schema] = await Promise.all([database(), migrations()]);
      return {
        ready: connected === 'connected' && schema === 'at_head' && !shutting_down,
        database: connected,
        migrations: schema,
        shutting_down,
      };
    },
    startShutdown: () => {
      shutting_down = true;
    },
    get shutting_down() {
      return shutting_down;
    },
    startRefusing: () => {
      refusing = true;
    },
    get refusing() {
      return refusing;
    },
  };
}

function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}

/** The answer of `work`, or the error with which it failed or was given up. */
function answerOf<T>(work: Promise<T>): Promise<T | Error> {
  return withinDeadline(DEADLINE_MS, work).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
}
