import type { Core, RequestInfo } from './core.ts';
import { createRefusals, type Refusals } from './services/auth/authorization/refusals.ts';
import { createRemoval, type Removal } from './services/auth/closing/removal.ts';
import { createLimiter, type Limiter } from './services/auth/limits/limiter.ts';
import type { Quota } from './services/auth/limits/store.ts';
import { type BreachedPasswords, createBreachedPasswords } from './services/auth/passwords/breached.ts';
import { createPasswordHasher, type HashBudget, type PasswordHasher } from './services/auth/passwords/hasher.ts';
import { type CountedRotation, createCountedRotation } from './services/auth/refresh/counted-rotation.ts';
import { createSessionRotation, type SessionRotation } from './services/auth/refresh/rotation.ts';
import { createSessionActivity, type SessionActivity } from './services/auth/sessions/activity.ts';
import { createSessionCleanup, type SessionCleanup } from './services/auth/sessions/cleanup.ts';
import { createSessionLoader, type SessionLoader } from './services/auth/sessions/loader.ts';
import { createProviders, type Providers } from './services/auth/social-login/providers.ts';
import { createKeyring, type Keyring } from './services/auth/tokens/keyring.ts';
import { createTokens, type Tokens } from './services/auth/tokens.ts';
import { type AuditUpkeep, createAuditUpkeep } from './services/system/audit-upkeep.ts';
import { createHealth, type Health } from './services/system/health.ts';
import { createJobWatch, type JobWatch } from './services/system/job-watch.ts';
import { createJobSignal, type JobSignal } from './services/system/jobs/signal.ts';
import { createMailer, type Mailer } from './services/system/mailer.ts';
import { createStorage, type Storage, type Uploads } from './services/system/storage.ts';

/** What every use case gets first: the core and the engines, which live as long as the process. */
export interface AppContext extends Core {
  readonly keyring: Keyring;
  readonly tokens: Tokens;
  readonly hasher: PasswordHasher;
  readonly limiter: Limiter;
  readonly sessionLoader: SessionLoader;
  readonly sessionRotation: SessionRotation;
  readonly countedRotation: CountedRotation;
  readonly sessionActivity: SessionActivity;
  readonly sessionCleanup: SessionCleanup;
  readonly removal: Removal;
  readonly refusals: Refusals;
  readonly breachedPasswords: BreachedPasswords;
  readonly providers: Providers;
  readonly auditUpkeep: AuditUpkeep;
  readonly health: Health;
  readonly mailer: Mailer;
  /** Holds the contents of files; absent if none is configured. */
  readonly storage: Storage | undefined;
  /** What users may upload. */
  readonly filePurposes: Uploads;
  readonly jobSignal: JobSignal;
  readonly jobWatch: JobWatch;
}

/** The application's context and the request that it answers. */
export interface RequestContext extends AppContext, RequestInfo {
  /** Reports a limit that the operation met to its caller. The HTTP edge writes it into the answer's headers. */
  readonly reportQuota: (quota: Quota) => void;
}

/** What the engines need beside the core. */
export interface ContextOptions {
  /** Names the revisions that the database lacks. */
  pending: () => Promise<readonly string[]>;
  /** What the hashes of the process may take. */
  budget: HashBudget;
  /** What users may upload. */
  filePurposes: Uploads;
}

/** Starts the engines on the core. `close` ends them, the last one first, and writes what they still hold; the core stays open. */
export function createContext(
  core: Core,
  { pending, budget, filePurposes }: ContextOptions,
): { ctx: AppContext; close: () => Promise<void> } {
  const engines = new AsyncDisposableStack();
  const keyring = engines.adopt(createKeyring(core.config, core.log), ({ close }) => close());
  const ctx: AppContext = {
    ...core,
    keyring,
    tokens: createTokens(core.config, core.clock, keyring),
    hasher: createPasswordHasher(core.config, budget, core.metrics),
    limiter: engines.adopt(createLimiter(core), ({ close }) => close()),
    sessionLoader: createSessionLoader(core),
    sessionRotation: createSessionRotation(core),
    countedRotation: createCountedRotation(core),
    sessionActivity: engines.adopt(createSessionActivity(core), ({ flush }) => flush()),
    sessionCleanup: engines.adopt(createSessionCleanup(core), ({ close }) => close()),
    removal: engines.adopt(createRemoval(core), ({ close }) => close()),
    refusals: createRefusals(core.clock),
    breachedPasswords: createBreachedPasswords(core),
    providers: createProviders(core),
    auditUpkeep: engines.adopt(createAuditUpkeep(core), ({ close }) => close()),
    health: createHealth(core, pending),
    mailer: engines.adopt(createMailer(core), ({ close }) => close()),
    storage: createStorage(core, keyring),
    filePurposes,
    jobSignal: createJobSignal(),
    jobWatch: engines.adopt(createJobWatch(core), ({ close }) => close()),
  };
  return { ctx, close: () => engines.disposeAsync() };
}
