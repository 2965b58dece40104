import { randomBytes } from 'node:crypto';
import { and, eq, gt, lt, sql } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import { mfaChallenges } from '../../models/auth/mfa-challenges.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import { idOfLinkToken, isSame, linkToken } from './derived-tokens.ts';

/** A sign-in that waits for its second factor, or for the enrolment of one. */
export type Challenge = Pick<
  typeof mfaChallenges.$inferSelect,
  'id' | 'user_id' | 'purpose' | 'key_id' | 'amr' | 'password_version'
>;

/** The life of each token in seconds. */
const LIFE_SECONDS = { second_factor: 300, enrollment: 900 } as const;

/** Wrong answers, after which the token is gone. */
const MAX_ATTEMPTS = 5;
/** Compared with what no row can be found for. */
const NO_KEY = randomBytes(32);

/** Writes down that a sign-in waits, and returns its token. The token is derived and stands nowhere; the row ends it. */
export async function issue(
  ctx: RequestContext,
  challenge: Omit<Challenge, 'id' | 'key_id'>,
): Promise<{ mfa_token: string; expires_in: number }> {
  const { purpose, user_id } = challenge;
  const { id: key_id, secret } = ctx.keyring.signingAt(ctx.clock.now()).one_time;
  const row = { ...challenge, id: newId(), key_id };
  const expires_in = LIFE_SECONDS[purpose];
  const insert = ctx.db
    .insert(mfaChallenges)
    .values({ ...row, expires_at: sql`now() + make_interval(secs => ${expires_in})` })
    .returning({ id: mfaChallenges.id });
  const details = { purpose };
  await audit.recordChange(ctx, insert, { event: 'mfa.challenged', subject_id: user_id, actor_id: user_id, details });
  return { mfa_token: linkToken(secret, originOf(row)), expires_in };
}

/** True for a text in the form of a challenge's token, which no access token has. */
export function isToken(text: string): boolean {
  return idOfLinkToken(text) !== undefined;
}

/** The living challenge of a token; it is not spent. Throws mfa_token_invalid. */
export async function prove(
  ctx: Pick<AppContext, 'db' | 'keyring'>,
  purpose: Challenge['purpose'],
  token: string,
): Promise<Challenge> {
  const id = idOfLinkToken(token);
  const [row] = id === undefined ? [] : await ctx.db.select().from(mfaChallenges).where(isLiving({ id, purpose }));
  const key = row && ctx.keyring.findOneTimeKey(row.key_id);
  if (row === undefined || !isSame(token, linkToken(key ?? NO_KEY, originOf(row))))
    throw new AppError('mfa_token_invalid');
  return row;
}

/** Counts an answer before it is compared, so that many at once are no more than five. Throws mfa_token_invalid. */
export async function countAttempt({ db }: Pick<AppContext, 'db'>, challenge: Challenge): Promise<void> {
  const counted = await db
    .update(mfaChallenges)
    .set({ attempts: sql`${mfaChallenges.attempts} + 1` })
    .where(isLiving(challenge))
    .returning({ id: mfaChallenges.id });
  if (counted.length === 0) throw new AppError('mfa_token_invalid');
}

/** Spends a challenge in the transaction of what it allows. Of several at once one succeeds; the others throw mfa_token_invalid. */
export async function spend({ db }: Pick<AppContext, 'db'>, { id }: Pick<Challenge, 'id'>): Promise<void> {
  const spent = await db.delete(mfaChallenges).where(eq(mfaChallenges.id, id)).returning({ id: mfaChallenges.id });
  if (spent.length === 0) throw new AppError('mfa_token_invalid');
}

/** Removes the challenges whose end is past. */
export async function removeExpired({ db }: Pick<AppContext, 'db'>): Promise<void> {
  await db.delete(mfaChallenges).where(lt(mfaChallenges.expires_at, sql`now()`));
}

const isLiving = ({ id, purpose }: Pick<Challenge, 'id' | 'purpose'>) =>
  and(
    eq(mfaChallenges.id, id),
    eq(mfaChallenges.purpose, purpose),
    gt(mfaChallenges.expires_at, sql`now()`),
    // An answer that is counted last may still be right.
    lt(mfaChallenges.attempts, MAX_ATTEMPTS),
  );

/** The token is bound to the state of the credentials: to the methods and the password that were proved. */
function originOf({ id, user_id, purpose, amr, password_version }: Omit<Challenge, 'key_id'>) {
  return { id, user_id, purpose: `mfa:${purpose}:${amr}:${password_version}`, email: '' };
}
