import { desc, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import type { CreatedCredential, CreationOptions } from '../../schemas/auth/passkeys.ts';
import { AppError } from '../../utils/errors.ts';
import * as audit from '../system/audit.ts';
import { notify } from '../system/mail-queue.ts';
import { lockAccount } from './account-row.ts';
import type { AuthenticationMethod } from './authentication-methods.ts';
import * as enrollment from './enrollment.ts';
import * as challenges from './passkey-challenges.ts';
import { suggestedName } from './passkey-names.ts';
import { logRefusal, NOT_ACCEPTED, userHandleOf } from './passkey-proof.ts';
import { type PasskeyView, viewColumns } from './passkeys.ts';
import { relyingParty } from './relying-party.ts';
import { addMethods } from './session-proof.ts';
import type { TokenPair } from './token-pair.ts';
import { ALGORITHMS, type NewCredential, verifyCreation } from './webauthn.ts';

/** Of an account. */
const MAX_PASSKEYS = 10;
const TIMEOUT_MS = 300_000;

/** What a browser makes a passkey by. Writes nothing. Throws email_unverified, passkey_limit. */
export async function options(ctx: RequestContext, actor: Actor): Promise<CreationOptions> {
  const { user, session_id } = actor;
  if (!user.email_verified) throw new AppError('email_unverified');
  const known = await ctx.db
    .select({ id: passkeys.credential_id, transports: passkeys.transports })
    .from(passkeys)
    .where(eq(passkeys.user_id, user.id))
    .orderBy(desc(passkeys.id));
  if (known.length >= MAX_PASSKEYS) throw new AppError('passkey_limit');
  const { challenge_id, expires_at } = challenges.issue(ctx, { purpose: 'creation', session_id });
  const { id, name } = relyingParty(ctx.config);
  return {
    challenge_id,
    expires_at,
    options: {
      rp: { id, name },
      user: { id: userHandleOf(user.id), name: user.email, displayName: user.name ?? user.email },
      challenge: challenge_id,
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: TIMEOUT_MS,
      excludeCredentials: known.map(({ id, transports }) => ({ id, type: 'public-key', transports })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    },
  };
}

/**
 * Adds the passkey that a browser made. The session is one of two factors from then on; a sign-in that had to enrol gets its
 * session. Throws invalid_credentials, passkey_limit, passkey_taken, email_unverified, mfa_token_invalid.
 */
export async function add(
  ctx: RequestContext,
  actor: Actor,
  given: { challenge_id: string; credential: CreatedCredential; name?: string },
): Promise<PasskeyView & Partial<TokenPair>> {
  const { user, session_id } = actor;
  if (!user.email_verified) throw new AppError('email_unverified');
  const challenge = challenges.find(ctx, { purpose: 'creation', session_id }, given.challenge_id);
  if (challenge === undefined) return refuse();
  const { challenge_id, credential } = given;
  const made = await verifyCreation(relyingParty(ctx.config), { challenge: challenge_id, credential });
  if (made instanceof Error) {
    logRefusal(ctx, made);
    return refuse();
  }
  const { transports = [] } = credential.response;
  return inTransaction(ctx, async (ctx) => {
    await lockAccount(ctx, user.id);
    if (!(await challenges.spend(ctx, challenge))) return refuse();
    const passkey = await insert(ctx, actor, { ...made, transports, name: given.name });
    const amr: AuthenticationMethod[] = [made.is_synced ? 'swk' : 'hwk', 'user'];
    if (actor.enrollment !== undefined)
      return { ...passkey, ...(await enrollment.finish(ctx, actor.enrollment, { user_id: user.id, amr })) };
    await addMethods(ctx, actor, amr);
    return passkey;
  });
}

async function insert(
  ctx: RequestContext,
  { user }: Actor,
  { aaguid, name: given, ...made }: NewCredential & { transports: string[]; name: string | undefined },
): Promise<PasskeyView> {
  const name = given ?? suggestedName(aaguid, ctx.client.user_agent);
  const [passkey] = await ctx.db
    .insert(passkeys)
    .values({ ...made, name, user_id: user.id })
    .returning(viewColumns);
  if (passkey === undefined) throw new Error('a row that was inserted is returned');
  const count = await ctx.db.$count(passkeys, eq(passkeys.user_id, user.id));
  if (count > MAX_PASSKEYS) throw new AppError('passkey_limit');
  const details = { passkey_id: passkey.id, is_synced: made.is_synced };
  await audit.record(ctx, { event: 'passkey.added', subject_id: user.id, actor_id: user.id, details });
  await notify(ctx, 'passkey.added', user, { subject: name });
  return passkey;
}

function refuse(): never {
  throw new AppError('invalid_credentials', { detail: NOT_ACCEPTED });
}
