import type { BaseLogger } from 'pino';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import type { Role, User } from './models/auth/users.ts';
import type { Metrics } from './observability/metrics.ts';

/** Tells the time; a test may move it. */
export interface Clock {
  now: () => Date;
}

/** The process's log. An entry is an object with an `event`, then a sentence. */
export type Log = Pick<BaseLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** What every engine is built from, and what every use case gets first. Inside a transaction `db` is that transaction. */
export interface Core {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** The counters that `GET /metrics` shows. */
  readonly metrics: Metrics;
}

/** The authenticated caller of a protected route. */
export interface Actor {
  /** The account; its `role` is the one that the session reaches. */
  readonly user: User;
  readonly session_id: string;
  /** The role of the account, if its session does not reach it for want of a second factor. */
  readonly withheld_role?: Role;
  /** The sign-in that must set up a second factor first. It has no session: `session_id` is its own id, and a few routes know it. */
  readonly enrollment?: Enrollment;
}

/** A sign-in whose password was proved, and which gets its session with the first factor. */
export interface Enrollment {
  readonly id: string;
  readonly amr: string;
  readonly password_version: number;
}

/** The client, as far as the network knows it. */
export interface ClientInfo {
  readonly ip: string;
  readonly user_agent: string | null;
  /** The languages that it asks for, as its header says it; absent outside of requests. */
  readonly accept_language?: string | undefined;
}

/** The request that an operation answers, for the record of what happened. */
export interface RequestInfo {
  readonly request_id: string;
  readonly client: ClientInfo;
  /** The caller, once it is authenticated; null before that, and for the operator's commands. */
  readonly actor: Actor | null;
}
