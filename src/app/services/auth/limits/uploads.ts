import type { User } from '../../../models/auth/users.ts';
import type { Counter } from './permits.ts';

/** Of one purpose an account may begin twice as many uploads as it may have files, and some, in the time that a deleted one may be stored. */
const UPLOADS_BEYOND = 10;
const UPLOADS_SECONDS = 1800;

export function uploadCounter(
  { id }: Pick<User, 'id'>,
  { purpose, per_account }: { purpose: string; per_account: number },
): Counter {
  const limit = 2 * per_account + UPLOADS_BEYOND;
  const policy = { name: `uploads-${purpose}`, limit, windowSeconds: UPLOADS_SECONDS };
  return { metric: 'uploads', policy, key: id, onRight: 'refunded', isPublic: true };
}
