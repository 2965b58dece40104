import { randomBytes } from 'node:crypto';
import { and, eq, gt, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import type { AppContext } from '../../../context.ts';
import { oauthFlows } from '../../../models/auth/oauth-flows.ts';
import { AppError } from '../../../utils/errors.ts';
import { idOfLinkToken, isSame, linkToken } from '../derived-tokens.ts';
import { challengeOf, FLOW_SECONDS } from './flow.ts';

type Keys = Pick<AppContext, 'db' | 'keyring' | 'clock'>;

/** The life of a code (RFC 6749 §4.1.2 allows ten minutes). */
const CODE_SECONDS = 60;
/** Compared with what no row can be found for. */
const NO_KEY = randomBytes(32);

/** Writes down that a state, or a link address, is used. Of several at once one gets true. */
export async function claim({ db }: Pick<Keys, 'db'>, id: string): Promise<boolean> {
  const expires_at = sql`now() + make_interval(secs => ${FLOW_SECONDS})`;
  const claimed = await db
    .insert(oauthFlows)
    .values({ id, expires_at })
    .onConflictDoNothing()
    .returning({ id: oauthFlows.id });
  return claimed.length > 0;
}

/** Makes the code of a claimed flow, by which the app gets the session of the identity. It is derived and stands nowhere. */
export async function issue(
  ctx: Keys,
  { id, identity_id, code_challenge }: { id: string; identity_id: string; code_challenge: string },
): Promise<string> {
  const { id: key_id, secret } = ctx.keyring.signingAt(ctx.clock.now()).one_time;
  const code_expires_at = sql`now() + make_interval(secs => ${CODE_SECONDS})`;
  await ctx.db
    .update(oauthFlows)
    .set({ identity_id, code_challenge, key_id, code_expires_at })
    .where(eq(oauthFlows.id, id));
  return linkToken(secret, originOf(id, code_challenge));
}

/**
 * The identity of a code, which is spent by it, whether or not the verifier is right: a stolen code is tried once. Throws
 * one_time_token_invalid.
 */
export async function spend(
  ctx: Keys,
  { code, code_verifier }: { code: string; code_verifier: string },
): Promise<{ identity_id: string }> {
  const id = idOfLinkToken(code);
  const [row] = id === undefined ? [] : await ctx.db.select().from(oauthFlows).where(isLiving(id));
  const { key_id, code_challenge, identity_id } = row ?? {};
  const key = (key_id && ctx.keyring.findOneTimeKey(key_id)) || NO_KEY;
  const isRight = isSame(code, linkToken(key, originOf(id ?? '', code_challenge ?? '')));
  if (!isRight || id === undefined || !identity_id || !code_challenge) throw new AppError('one_time_token_invalid');
  const spent = await ctx.db
    .update(oauthFlows)
    .set({ used_at: sql`now()` })
    .where(isLiving(id))
    .returning({ id: oauthFlows.id });
  if (spent.length === 0 || !isSame(challengeOf(code_verifier), code_challenge))
    throw new AppError('one_time_token_invalid');
  return { identity_id };
}

/** Removes the rows whose states are too old to come back. */
export async function removeExpired({ db }: Pick<AppContext, 'db'>): Promise<void> {
  await db.delete(oauthFlows).where(lt(oauthFlows.expires_at, sql`now()`));
}

const isLiving = (id: string) =>
  and(
    eq(oauthFlows.id, id),
    isNull(oauthFlows.used_at),
    isNotNull(oauthFlows.identity_id),
    gt(oauthFlows.code_expires_at, sql`now()`),
  );

/** Bound to the app's challenge. */
function originOf(id: string, code_challenge: string) {
  return { id, user_id: '', purpose: `oauth_code:${code_challenge}`, email: '' };
}
