import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import type { Config } from '../config.ts';
import { AppError } from '../utils/errors.ts';
import { createWorkQueue, type WorkQueue } from '../utils/work-queue.ts';
import { lowerWorkerThreads } from '../utils/worker-threads.ts';

/** Longest input that bcrypt reads; it would ignore the rest without a word. */
export const PASSWORD_MAX_BYTES = 72;

const MAX_WAITING = 256;
const MAX_WAIT_MS = 15_000;
const BCRYPT_HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** bcrypt off the event loop, at most one hash per core at once, the rest in a bounded queue and then 503. */
export interface PasswordHasher {
  hash: (password: string) => Promise<string>;
  /** False for a wrong password, an unreadable hash and `undefined` (no such user): all three take the time of one hash. */
  verify: (password: string, hash: string | undefined) => Promise<boolean>;
  /** True where the hash is weaker than what `hash` would make now. */
  needsRehash: (hash: string) => boolean;
  readonly queue: Pick<WorkQueue, 'running' | 'waiting'>;
}

export function createPasswordHasher(config: Config): PasswordHasher {
  const cost = config.bcrypt_cost;
  const queue = createWorkQueue({
    concurrency: Math.max(1, Math.floor(availableParallelism() / config.workers)),
    max_waiting: MAX_WAITING,
    max_wait_ms: MAX_WAIT_MS,
    refuse: () =>
      new AppError('service_unavailable', { detail: 'Too many logins at once; try again shortly', retry_after: 5 }),
  });
  let lowered = false;
  /** The threads exist once they have work, so the first hash is on its way before their priority is set. */
  const inBackground = async <T>(work: Promise<T>): Promise<T> => {
    if (!lowered) lowerWorkerThreads();
    lowered = true;
    return work;
  };
  // A well-formed hash that no password has: what an unknown account is compared with.
  const nobody = nobodyAt(cost);

  return {
    hash: (password) => queue.run(() => inBackground(bcrypt.hash(password, cost))),
    verify: async (password, hash = nobody) => {
      const known = BCRYPT_HASH.test(hash) ? hash : nobody;
      // Past its limit bcrypt compares only the beginning, and a NUL ends the text: such a password was never set.
      const comparable = isHashable(password) ? password : '';
      return queue.run(async () => {
        const matches = await inBackground(bcrypt.compare(comparable, known.replace('$2y$', '$2b$')));
        if (matches && known === hash && comparable === password) return true;
        for (const rest of costsBelow(cost, known)) await bcrypt.compare('', nobodyAt(rest));
        return false;
      });
    },
    needsRehash: (hash) => Number(BCRYPT_HASH.exec(hash)?.[1] ?? 0) < cost,
    queue,
  };
}

function nobodyAt(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}

/** The costs whose times add up to what a cheaper, older hash saves: 2^12 - 2^10 = 2^10 + 2^11. Else its refusal would be told by its speed. */
function costsBelow(cost: number, hash: string): number[] {
  const own = Number(BCRYPT_HASH.exec(hash)?.[1] ?? cost);
  return Array.from({ length: Math.max(0, cost - own) }, (_, step) => own + step);
}

/** True where bcrypt reads every character of the password. */
function isHashable(password: string): boolean {
  return Buffer.byteLength(password) <= PASSWORD_MAX_BYTES && !password.includes('\0');
}
