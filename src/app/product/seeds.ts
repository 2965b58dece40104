import type { RequestContext } from '../context.ts';
import * as users from '../services/admin/users.ts';
import { AppError } from '../utils/errors.ts';

/** What a developer logs in with; `back seed` refuses a production's database. */
export const SEED_USER = { email: 'ada@example.com', password: 'ada lovelace likes engines', name: 'Ada' };

/**
 * Yours: the rows of a development database, by name, in the order in which they are written. `back seed` may run again at any
 * time, so a seed looks before it writes, or inserts with `onConflictDoNothing`.
 */
export const seeds: Readonly<Record<string, (ctx: RequestContext) => Promise<void>>> = {
  accounts: async (ctx) => {
    try {
      await users.getByEmail(ctx, SEED_USER.email);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'user_not_found')) throw error;
      await users.create(ctx, SEED_USER);
    }
  },
};
