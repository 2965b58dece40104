import type { BaseLogger } from 'pino';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import type { User } from './models/auth/users.ts';
import type { Metrics } from './observability/metrics.ts';
import { createRefusals, type Refusals } from './services/auth/authorization.ts';
import { createLimiter, type Limiter } from './services/auth/limits/limiter.ts';
import type { Quota } from './services/auth/limits.ts';
import { type BreachedPasswords, createBreachedPasswords } from './services/auth/passwords/breached.ts';
import { createPasswordHasher, type PasswordHasher } from './services/auth/passwords/hasher.ts';
import { createSessionActivity, type SessionActivity } from './services/auth/sessions/activity.ts';
import { createSessionCleanup, type SessionCleanup } from './services/auth/sessions/cleanup.ts';
import { createSessionLoader, type SessionLoader } from './services/auth/sessions/loader.ts';
import { createSessionRotation, type SessionRotation } from './services/auth/sessions/rotation.ts';
import { createKeyring, type Keyring } from './services/auth/tokens/keyring.ts';
import { createTokens, type Tokens } from './services/auth/tokens.ts';
import { type AuditUpkeep, createAuditUpkeep } from './services/system/audit/upkeep.ts';
import { createHealth, type Health } from './services/system/health.ts';

/** Tells the time; tests move it. */
export interface Clock {
  now: () => Date;
}

/** Where the process writes what happened: an object with an `event`, then a sentence. */
export type Log = Pick<BaseLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** What every service function gets first: made once per process. Inside a transaction `db` is that transaction. */
export interface AppContext {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** What is counted, for whoever watches the process. */
  readonly metrics: Metrics;
  readonly keyring: Keyring;
  readonly tokens: Tokens;
  readonly hasher: PasswordHasher;
  readonly limiter: Limiter;
  readonly sessionLoader: SessionLoader;
  readonly sessionRotation: SessionRotation;
  readonly sessionActivity: SessionActivity;
  readonly sessionCleanup: SessionCleanup;
  readonly refusals: Refusals;
  readonly breachedPasswords: BreachedPasswords;
  readonly auditUpkeep: AuditUpkeep;
  readonly health: Health;
}

/** Who asks, as far as the network knows. */
export interface ClientInfo {
  readonly ip: string;
  readonly user_agent: string | null;
}

export interface ContextParts extends Pick<AppContext, 'config' | 'db' | 'clock' | 'log' | 'metrics'> {
  /** Names the revisions that the database lacks. */
  pending: () => Promise<readonly string[]>;
}

/** The application's context plus the request that is being answered. */
export interface RequestContext extends AppContext {
  readonly request_id: string;
  readonly client: ClientInfo;
  /** The limits that the request met, for its answer's headers. */
  readonly quotas: Quota[];
  /** Who the request proved to come from, for the record of what happened; null before that, and for the operator. */
  readonly actor: Actor | null;
}

/** The authenticated caller of a protected route. */
export interface Actor {
  readonly user: User;
  readonly session_id: string;
}

/** Builds the application's context: everything that lives as long as the process. */
export function createContext({ config, db, clock, log, metrics, pending }: ContextParts): AppContext {
  const keyring = createKeyring(config, log);
  return {
    config,
    db,
    clock,
    log,
    metrics,
    keyring,
    tokens: createTokens(config, clock, keyring),
    hasher: createPasswordHasher(config, metrics),
    limiter: createLimiter({ config, db, clock, log, metrics }),
    sessionLoader: createSessionLoader({ config, db, metrics }),
    sessionRotation: createSessionRotation({ config, db }),
    sessionActivity: createSessionActivity({ db, clock, log }),
    sessionCleanup: createSessionCleanup({ config, db, log }),
    refusals: createRefusals(clock),
    breachedPasswords: createBreachedPasswords({ config, log }),
    auditUpkeep: createAuditUpkeep({ config, db, clock, log, metrics }),
    health: createHealth({ db, log }, pending),
  };
}
