import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { users } from '../../models/auth/users.ts';
import { clientShare } from '../../utils/client-networks.ts';
import { type EmailAddress, NO_ADDRESS, parseEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import * as limits from './limits.ts';
import * as refresh from './refresh.ts';
import { isChallenge } from './second-factor.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

/** The codes of a login whose password was verified; any other code refused it before. */
const LOGIN_VERDICTS: ReadonlySet<string> = new Set(['invalid_credentials', 'account_disabled', 'email_unverified']);

/** Starts a session. An unknown address and a wrong password do the same work and throw the same invalid_credentials. */
export async function start(ctx: RequestContext, credentials: { email: string; password: string }): Promise<TokenPair> {
  const { logins_total } = ctx.metrics;
  try {
    const pair = await startByPassword(ctx, credentials);
    logins_total.inc('succeeded');
    return pair;
  } catch (error) {
    logins_total.inc(outcomeOf(error));
    throw error;
  }
}

/** What the metric counts a login as that threw. One that goes on with a second factor has not failed. */
export function outcomeOf(error: unknown): 'challenged' | 'failed' | 'refused' {
  if (!(error instanceof AppError)) return 'refused';
  if (isChallenge(error)) return 'challenged';
  return LOGIN_VERDICTS.has(error.code) ? 'failed' : 'refused';
}

/** Why a login is refused, as its audit event says it. */
export type Refusal = 'invalid_credentials' | 'account_disabled' | 'email_unverified';

export interface Grant {
  grant_type?: 'password' | 'refresh_token';
  username?: string;
  password?: string;
  refresh_token?: string;
}

/** OAuth2's token endpoint (RFC 6749 §4.3, §6): a login or a refresh, as the form says. */
export async function grant(
  ctx: RequestContext,
  { grant_type, username = '', password = '', refresh_token = '' }: Grant,
): Promise<TokenPair> {
  return grant_type === 'refresh_token' ? refresh.next(ctx, refresh_token) : start(ctx, { email: username, password });
}

async function startByPassword(
  ctx: RequestContext,
  { email: text, password }: { email: string; password: string },
): Promise<TokenPair> {
  const email = parseEmail(text);
  // Beside the limits' own statements.
  const lookup = findByEmail(ctx, email ?? NO_ADDRESS);
  lookup.catch(() => {});
  let outcome: Promise<TokenPair> | undefined;
  await limits.provePassword(ctx, email ?? text, async () => {
    const found = await lookup;
    const isRight = await ctx.hasher.verify(password, found?.password_hash, clientShare(ctx.client.ip));
    const proved = isRight ? found : undefined;
    // Travels with the release of the permits.
    const refusal = refusalOf(ctx, proved);
    outcome =
      proved === undefined || refusal !== undefined
        ? loginFailed(ctx, found, refusal ?? 'invalid_credentials')
        : startSession(ctx, proved, password);
    outcome.catch(() => {});
    return proved;
  });
  if (outcome === undefined) throw new Error('a login without a proof');
  return outcome;
}

/** The reason why a person with this proof is not let in. */
export function refusalOf(
  { config }: RequestContext,
  proved: typeof users.$inferSelect | undefined,
): Refusal | undefined {
  if (proved === undefined) return 'invalid_credentials';
  if (!proved.is_active) return 'account_disabled';
  const isUnproved = config.email_verification === 'required' && proved.email_verified_at === null;
  return isUnproved ? 'email_unverified' : undefined;
}

async function startSession(
  ctx: RequestContext,
  user: typeof users.$inferSelect,
  password: string,
): Promise<TokenPair> {
  const { id, password_hash } = user;
  // A password was proved, so there is a hash.
  if (password_hash !== null && ctx.hasher.needsRehash(password_hash, password))
    await rehash(ctx, { id, password_hash }, password);
  return (await sessions.start(ctx, user, ['pwd'])) ?? startAgain(ctx, user);
}

/** The account has changed while its password was hashed: what was proved is judged by its present state, which wants a factor or is disabled. */
async function startAgain(
  ctx: RequestContext,
  { id, password_version }: typeof users.$inferSelect,
): Promise<TokenPair> {
  const isProved = and(eq(users.id, id), eq(users.password_version, password_version));
  const [user] = await ctx.db.select().from(users).where(isProved);
  const refusal = refusalOf(ctx, user);
  const pair = user && refusal === undefined ? await sessions.start(ctx, user, ['pwd']) : undefined;
  return pair ?? loginFailed(ctx, { id }, refusal ?? 'invalid_credentials');
}

async function findByEmail(ctx: RequestContext, email: EmailAddress): Promise<typeof users.$inferSelect | undefined> {
  const [user] = await ctx.db.select().from(users).where(eq(users.email, email));
  return user;
}

/** Stores the proved password under the present cost; the condition spares a password that was changed meanwhile. */
async function rehash(
  ctx: RequestContext,
  user: { id: string; password_hash: string },
  password: string,
): Promise<void> {
  const password_hash = await ctx.hasher.rehash(password, clientShare(ctx.client.ip));
  await ctx.db
    .update(users)
    .set({ password_hash, updated_at: sql`${users.updated_at}` })
    .where(and(eq(users.id, user.id), eq(users.password_hash, user.password_hash)));
}

/** Refuses a login, and writes it down first. The row is the same work for an unknown address as for a wrong password. */
async function loginFailed(ctx: RequestContext, user: { id: string } | undefined, reason: Refusal): Promise<never> {
  await audit.record(ctx, { event: 'login.failed', subject_id: user?.id ?? null, details: { reason } });
  throw new AppError(reason);
}
