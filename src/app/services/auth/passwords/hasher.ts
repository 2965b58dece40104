import type { Config } from '../../../config.ts';
import { NO_PASSWORD } from '../../../models/auth/users.ts';
import { createMetrics, type Metrics } from '../../../observability/metrics.ts';
import { inSpan } from '../../../observability/trace.ts';
import { createWorkQueue, type Requester, type WorkQueue } from '../../../utils/work-queue.ts';
import { tooManyPasswords } from '../overload.ts';
import { bcrypt } from './bcrypt.ts';
import { type ForeignHash, parseForeignHash } from './foreign-hashes.ts';
import { createRefusalTime, nobodyAt, type RefusalTime } from './refusal-time.ts';
import { lowerWorkerThreads } from './worker-threads.ts';

/** The longest input that bcrypt reads; it ignores the rest silently. */
export const PASSWORD_MAX_BYTES = 72;

/** Waiting hashes of one lane, and of one client in it. */
const WAITING = { maxWaiting: 256, maxWaitingPerClient: 128, maxWaitMs: 15_000 };
/** A hash whose cost is that much above ours takes more than four times as long. */
const COSTS_ABOVE = 2;
const BCRYPT_HASH = /^\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/;

/** The process itself, for commands. */
const LOCAL = 'local';

/**
 * Runs bcrypt off the event loop: one hash per core at once, the others in a bounded queue, then 503. The queue is fair
 * among `client`s (networks), and new passwords cannot delay proofs.
 */
export interface PasswordHasher {
  /** The hash of a new password. */
  hash: (password: string, client?: string) => Promise<string>;
  /** The hash of a password that was just proved. */
  rehash: (password: string, client?: string) => Promise<string>;
  /**
   * False for a wrong password, an unreadable hash, null (no password) and `undefined` (no such user): all take the time of one hash.
   * If slower foreign hashes (argon2, scrypt) are in use, all take the time of the slowest.
   */
  verify: (password: string, hash: string | null | undefined, client?: string) => Promise<boolean>;
  /** True if `hash` would make a stronger hash of this password, or our own hash in place of a foreign one. */
  needsRehash: (hash: string, password: string) => boolean;
  readonly queue: Pick<WorkQueue, 'running' | 'waiting' | 'bytes'>;
}

/** What all hashes of the process may take. */
export interface HashBudget {
  /** Hashes that run at once. */
  hashes: number;
  /** Memory of those that run. bcrypt takes none to speak of; a foreign hash takes what its parameters say. */
  hash_bytes: number;
}

interface Effort {
  cost: number;
  refusal: RefusalTime;
}

export function createPasswordHasher(
  config: Config,
  { hashes, hash_bytes }: HashBudget,
  metrics: Pick<Metrics, 'password_hash_duration_seconds' | 'password_hash_refusals_total'> = createMetrics(),
): PasswordHasher {
  const cost = config.bcrypt_cost;
  const effort = { cost, refusal: createRefusalTime(cost) };
  const queue = createWorkQueue({
    concurrency: hashes,
    maxBytes: hash_bytes,
    ...WAITING,
    refuse: (reason) => {
      metrics.password_hash_refusals_total.inc(reason);
      return tooManyPasswords();
    },
  });

  /** In front of the queue: of several places one stays free of hashes that take far longer than ours. */
  const concurrency = Math.max(1, hashes - 1);
  const costly = createWorkQueue({ ...WAITING, concurrency, refuse: tooManyPasswords });

  let lowered = false;
  /** libuv starts its threads with their first work, so the first hash begins before their priority is set. */
  const inBackground = <T>(work: () => Promise<T>, requester: Requester): Promise<T> =>
    queue.run(async () => {
      const started = performance.now();
      const working = work();
      if (!lowered) lowerWorkerThreads();
      lowered = true;
      const done = await working;
      metrics.password_hash_duration_seconds.observe((performance.now() - started) / 1000);
      return done;
    }, requester);

  const hashIn = (requester: Requester, password: string): Promise<string> =>
    inSpan('passwords.hash', () => inBackground(() => bcrypt().hash(password, cost), requester));

  return {
    hash: (password, client = LOCAL) => hashIn({ client, lane: 'new' }, password),
    rehash: (password, client = LOCAL) => hashIn({ client, lane: 'proof' }, password),
    verify: (password, stored, client = LOCAL) => {
      const hash = stored ?? undefined;
      const foreign = findForeignHash(hash);
      const work = (): Promise<boolean> =>
        foreign === undefined ? verifyBcrypt(password, hash, effort) : verifyForeign(password, foreign, effort);
      const requester: Requester = { client, lane: 'proof', bytes: foreign?.memory ?? 0 };
      const run = (): Promise<boolean> => inBackground(work, requester);
      const isCostly = costOf(hash ?? '') > cost + COSTS_ABOVE;
      return inSpan('passwords.verify', () => (isCostly ? costly.run(run, { client }) : run()));
    },
    needsRehash: (hash, password) => isHashable(password) && costOf(hash) < cost,
    queue,
  };
}

/** Throws an Error whose message completes "the hash …" if `verify` cannot read it. */
export function requireReadableHash(hash: string): void {
  if (!BCRYPT_HASH.test(hash)) parseForeignHash(hash);
}

async function verifyBcrypt(password: string, hash: string | undefined, { cost, refusal }: Effort): Promise<boolean> {
  const started = performance.now();
  // An unknown account is compared with a well-formed hash.
  const known = hash !== undefined && BCRYPT_HASH.test(hash) ? hash : nobodyAt(cost);
  // bcrypt ignores everything after 72 bytes or a NUL; a password with either was never set.
  const comparable = isHashable(password) ? password : '';
  const matches = await bcrypt().compare(comparable, known.replace('$2y$', '$2b$'));
  if (matches && known === hash && comparable === password) return true;
  for (const rest of costsBelow(cost, known)) await bcrypt().compare('', nobodyAt(rest));
  if (costOf(known) > cost) await refusal.fillForeign(started, `bcrypt ${costOf(known)}`);
  else await refusal.fill(started);
  return false;
}

async function verifyForeign(password: string, hash: ForeignHash, { refusal }: Effort): Promise<boolean> {
  const started = performance.now();
  if (await hash.verify(password)) return true;
  await refusal.fillForeign(started, hash.shape);
  return false;
}

function findForeignHash(hash = NO_PASSWORD): ForeignHash | undefined {
  if (hash === NO_PASSWORD || BCRYPT_HASH.test(hash)) return undefined;
  try {
    return parseForeignHash(hash);
  } catch {
    return undefined;
  }
}

/** The costs whose times add up to what a cheaper, older hash saves: 2^12 - 2^10 = 2^10 + 2^11. Otherwise the speed of the refusal would disclose the hash. */
function costsBelow(cost: number, hash: string): number[] {
  const own = costOf(hash);
  return Array.from({ length: Math.max(0, cost - own) }, (_, step) => own + step);
}

/** 0 for a hash of another scheme. */
function costOf(hash: string): number {
  return Number(BCRYPT_HASH.exec(hash)?.[1] ?? 0);
}

/** True if bcrypt reads every character of the password. */
function isHashable(password: string): boolean {
  return Buffer.byteLength(password) <= PASSWORD_MAX_BYTES && !password.includes('\0');
}
