import { and, eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../../context.ts';
import { inTransaction } from '../../../database.ts';
import { identities } from '../../../models/auth/identities.ts';
import { isAlive, isOfOwnersEpoch, sessions } from '../../../models/auth/sessions.ts';
import { isOpen, users } from '../../../models/auth/users.ts';
import type { EmailAddress } from '../../../utils/emails.ts';
import { AppError } from '../../../utils/errors.ts';
import { newId } from '../../../utils/ids.ts';
import * as audit from '../../system/audit.ts';
import { notify } from '../../system/mail-queue.ts';
import { mailProof } from '../account-mails.ts';
import { dropWhatWasSet } from '../first-proof.ts';
import { findHolder } from '../held-addresses.ts';
import * as limits from '../limits.ts';
import type { SessionOfLink } from './flow.ts';
import { decide, type Situation } from './linking-policy.ts';
import type { Profile, Provider } from './provider.ts';

/** Who comes back from a provider. */
export interface Arrival {
  provider: Pick<Provider, 'id' | 'label'>;
  profile: Profile;
}

type Known = { id: string; user_id: string };

/**
 * The identity of an arrival, whose account is signed in to: a known one, or a new one as the policy says. Throws
 * account_disabled, email_missing, identity_confirmation_required, registration_closed, rate_limited.
 */
export async function admit(ctx: RequestContext, arrival: Arrival): Promise<string> {
  const { identity, address } = await lookUp(ctx, arrival.profile);
  if (decide({ identity, address, is_trusted: arrival.profile.is_trusted }).startsWith('create')) {
    if (ctx.config.registration === 'closed') throw new AppError('registration_closed');
    await limits.countRegistration(ctx);
  }
  return inTransaction(ctx, async (ctx) => {
    await lockIdentity(ctx, arrival.profile);
    return carryOut(ctx, arrival);
  });
}

/**
 * Links an arrival to the account of a session. A mailbox that the provider has authority over counts as proved. Throws
 * identity_taken, account_disabled, session_ended.
 */
export async function link(ctx: RequestContext, arrival: Arrival, session: SessionOfLink): Promise<void> {
  const { user_id, session_id } = session;
  await inTransaction(ctx, async (ctx) => {
    await lockIdentity(ctx, arrival.profile);
    const { known } = await lookUp(ctx, arrival.profile);
    if (known !== undefined && known.user_id !== user_id) throw new AppError('identity_taken');
    const user = await lockUser(ctx, user_id);
    if (!(await isSessionOf(ctx, session))) throw new AppError('session_ended');
    if (known === undefined) await join(ctx, arrival, { user, session_id });
    if (provesMailbox(arrival, user)) await verify(ctx, user_id, { kept: true });
  });
}

async function carryOut(ctx: RequestContext, arrival: Arrival): Promise<string> {
  const { profile } = arrival;
  const { known, holder_id, ...found } = await lookUp(ctx, profile);
  const outcome = decide({ ...found, is_trusted: profile.is_trusted });
  if (outcome === 'sign_in' && known !== undefined) return signIn(ctx, arrival, known);
  if (outcome === 'link' && holder_id !== undefined) {
    const user = await lockUser(ctx, holder_id);
    return join(ctx, arrival, { user });
  }
  if (outcome === 'email_missing') throw new AppError('email_missing');
  const isNew = outcome === 'create_verified' || outcome === 'create_unverified';
  const opened = isNew ? await openAccount(ctx, arrival) : undefined;
  // Another account got the address a moment ago, or has had it all along.
  if (opened === undefined) throw new AppError('identity_confirmation_required');
  return opened;
}

/** Reads both sides of the policy. */
async function lookUp(
  ctx: Pick<RequestContext, 'db'>,
  { issuer, subject, email }: Profile,
): Promise<Omit<Situation, 'is_trusted'> & { known: Known | undefined; holder_id?: string }> {
  const { id, user_id } = identities;
  const [known] = await ctx.db
    .select({ id, user_id })
    .from(identities)
    .innerJoin(users, eq(users.id, user_id))
    .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject), isOpen));
  if (known !== undefined) return { identity: 'known', address: 'none', known };
  if (email === undefined) return { identity: 'unknown', address: 'none', known };
  const holder = await findHolder(ctx, email);
  if (holder === undefined) return { identity: 'unknown', address: 'free', known };
  const [owner] = await ctx.db
    .select({ id: users.id, is_verified: sql<boolean>`${users.email_verified_at} is not null` })
    .from(users)
    .where(and(eq(users.id, holder.id), eq(users.email, email)));
  if (owner === undefined) return { identity: 'unknown', address: 'held', known };
  return { identity: 'unknown', address: owner.is_verified ? 'verified' : 'unverified', known, holder_id: owner.id };
}

async function signIn(ctx: RequestContext, arrival: Arrival, { id, user_id }: Known): Promise<string> {
  const user = await lockUser(ctx, user_id);
  const { email } = arrival.profile;
  await ctx.db
    .update(identities)
    .set({ last_used_at: sql`now()`, ...(email !== undefined && { email }) })
    .where(eq(identities.id, id));
  if (provesMailbox(arrival, user)) {
    await dropWhatWasSet(ctx, user_id, { but_identity: id });
    await verify(ctx, user_id, { kept: false });
  }
  return id;
}

/** `undefined` if another account has got the address at the same moment. */
async function openAccount(ctx: RequestContext, arrival: Arrival): Promise<string | undefined> {
  const { email, name, is_trusted } = arrival.profile;
  if (email === undefined) return undefined;
  const id = newId();
  const opened = await ctx.db
    .insert(users)
    .values({ id, email, name, password_hash: null, email_verified_at: is_trusted ? sql`now()` : null })
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  if (opened.length === 0) return undefined;
  await limits.forget(ctx, email);
  const entry = { subject_id: id, actor_id: id, details: { provider: arrival.provider.id } };
  await audit.record(
    ctx,
    { event: 'user.registered', ...entry },
    ...(is_trusted ? [{ event: 'email.verified', ...entry } as const] : []),
  );
  if (!is_trusted) await mailProof(ctx, 'verify_email', { user: { id, email } });
  return insertIdentity(ctx, arrival, id);
}

/** Gives an account the identity, and tells it. */
async function join(
  ctx: RequestContext,
  arrival: Arrival,
  { user, session_id }: { user: LockedUser; session_id?: string },
): Promise<string> {
  const id = await insertIdentity(ctx, arrival, user.id);
  const { id: provider, label } = arrival.provider;
  await audit.record(ctx, {
    event: 'identity.linked',
    subject_id: user.id,
    actor_id: user.id,
    ...(session_id !== undefined && { session_id }),
    details: { identity_id: id, provider },
  });
  await notify(ctx, 'identity.linked', user, { subject: label });
  return id;
}

async function insertIdentity(ctx: RequestContext, { provider, profile }: Arrival, user_id: string): Promise<string> {
  const { issuer, subject, email = null } = profile;
  const id = newId();
  await ctx.db
    .insert(identities)
    .values({ id, user_id, provider: provider.id, issuer, subject, email, last_used_at: sql`now()` });
  return id;
}

/** Two arrivals of one identity come one after the other. The lock ends with the transaction. */
async function lockIdentity({ db }: RequestContext, { issuer, subject }: Profile): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${issuer} ${subject}`}::text, 0))`);
}

async function isSessionOf(ctx: RequestContext, { user_id, session_id }: SessionOfLink): Promise<boolean> {
  const [session] = await ctx.db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, session_id), eq(sessions.user_id, user_id), isOfOwnersEpoch, isAlive(ctx.config)));
  return session !== undefined;
}

type LockedUser = Awaited<ReturnType<typeof lockUser>>;

async function lockUser(ctx: RequestContext, user_id: string) {
  const { id, email, locale, is_active, email_verified_at } = users;
  const [user] = await ctx.db
    .select({ id, email, locale, is_active, email_verified_at })
    .from(users)
    .where(and(eq(id, user_id), isOpen))
    .for('update');
  if (user === undefined) throw new AppError('session_ended');
  if (!user.is_active) throw new AppError('account_disabled');
  return user;
}

/** True if the provider's word is the first proof of the account's mailbox. */
function provesMailbox(
  { profile }: Arrival,
  { email, email_verified_at }: { email: EmailAddress; email_verified_at: Date | null },
): boolean {
  return email_verified_at === null && profile.is_trusted && profile.email === email;
}

async function verify(ctx: RequestContext, user_id: string, details: { kept: boolean }): Promise<void> {
  await ctx.db.update(users).set({ email_verified_at: sql`now()` }).where(eq(users.id, user_id));
  await audit.record(ctx, { event: 'email.verified', subject_id: user_id, actor_id: user_id, details });
}
