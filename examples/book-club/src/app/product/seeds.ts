import type { RequestContext } from '../context.ts';
import * as users from '../services/admin/users.ts';
import * as books from '../services/books.ts';
import * as clubs from '../services/clubs.ts';
import { AppError } from '../utils/errors.ts';
import { newId } from '../utils/ids.ts';

/** What a developer logs in with; `back seed` refuses a production's database. */
export const SEED_USER = { email: 'ada@example.com', password: 'ada lovelace likes engines', name: 'Ada' };

const SEED_CLUB = 'Thursday readers';
const SEED_BOOKS = [
  ['Middlemarch', 'George Eliot'],
  ['Jane Eyre', 'Charlotte Brontë'],
  ['Frankenstein', 'Mary Shelley'],
] as const;

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
  club: async (ctx) => {
    const actor = { user: await users.getByEmail(ctx, SEED_USER.email), session_id: newId() };
    const { items: known } = await clubs.list(ctx, actor, {});
    if (known.some(({ name }) => name === SEED_CLUB)) return;
    const { id: club_id } = await clubs.create(ctx, actor, { name: SEED_CLUB });
    for (const [title, author] of SEED_BOOKS) await books.create(ctx, actor, { club_id, title, author, copies: 2 });
  },
};
