import { createHash } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import { passkeys, usedChallenges } from '../../models/auth/passkeys.ts';
import type { AssertedCredential } from '../../schemas/auth/passkeys.ts';
import * as audit from '../system/audit.ts';
import type { AuthenticationMethod } from './authentication-methods.ts';
import * as challenges from './passkey-challenges.ts';
import { relyingParty } from './relying-party.ts';
import { verifyAssertion } from './webauthn.ts';

/** The detail of a refusal: it says nothing of what is wrong. */
export const NOT_ACCEPTED = 'The passkey was not accepted';

/** How a passkey answers a challenge. */
export interface PasskeyAnswer {
  challenge_id: string;
  credential: AssertedCredential;
}

/** A passkey whose answer is right. The challenge is not spent yet. */
export interface ProvedPasskey {
  id: string;
  user_id: string;
  challenge: challenges.Challenge;
  counter: number;
  backed_up: boolean;
  is_user_verified: boolean;
  /** True if the authenticator itself named the account. */
  has_user_handle: boolean;
  amr: [AuthenticationMethod, ...AuthenticationMethod[]];
}

/**
 * The passkey that answered, if the answer is right and its challenge is ours and unused. Outside of a transaction: the
 * signature takes milliseconds. Records a counter that went back, which is that of a copy.
 */
export async function prove(
  ctx: RequestContext,
  { challenge_id, credential }: PasskeyAnswer,
): Promise<ProvedPasskey | undefined> {
  const challenge = challenges.find(ctx, { purpose: 'assertion' }, challenge_id);
  if (challenge === undefined) return undefined;
  const passkey = await findPasskey(ctx, credential.id, challenge);
  if (passkey === undefined || passkey.is_used) return undefined;
  const { id, user_id, public_key, is_synced } = passkey;
  const party = relyingParty(ctx.config);
  const assertion = await verifyAssertion(party, { challenge: challenge_id, credential, public_key });
  if (assertion instanceof Error) return logRefusal(ctx, assertion);
  const { userHandle } = credential.response;
  const has_user_handle = typeof userHandle === 'string';
  if (has_user_handle && userHandle !== userHandleOf(user_id)) return undefined;
  if (hasGoneBack(passkey, assertion.counter)) {
    const details = { passkey_id: id };
    await audit.record(ctx, { event: 'passkey.counter_regressed', subject_id: user_id, details });
    return undefined;
  }
  return {
    ...assertion,
    id,
    user_id,
    challenge,
    has_user_handle,
    amr: methodsOf(is_synced, assertion),
  };
}

/**
 * Spends the challenge of a right answer, and moves the passkey's counter, in the transaction of what it allows. Of several
 * at once one gives true.
 */
export async function spend(
  { db }: Pick<RequestContext, 'db'>,
  { id, challenge, counter, backed_up }: ProvedPasskey,
): Promise<boolean> {
  const { rows } = await db.execute<{ id: string }>(sql`
    with used as (
      insert into ${usedChallenges} (id, expires_at)
      values (${challenge.id}::uuid, ${challenge.expires_at.toISOString()}::timestamptz)
      on conflict do nothing returning id
    )
    update ${passkeys} set counter = greatest(${passkeys.counter}, ${counter}::bigint), backed_up = ${backed_up}::boolean, last_used_at = now()
    from used
    where ${passkeys.id} = ${id}::uuid
      and (${passkeys.is_synced} or ${passkeys.counter} < ${counter}::bigint or (${passkeys.counter} = 0 and ${counter}::bigint = 0))
    returning ${passkeys.id}`);
  return rows.length > 0;
}

/**
 * What authenticators know an account by: 32 bytes that say nothing of it and never change (WebAuthn §14.6.1), as base64url.
 * The label is a constant of the kit: another one would part every passkey from its account.
 */
export function userHandleOf(user_id: string): string {
  return createHash('sha256').update(`passkey user handle\0${user_id}`).digest('base64url');
}

/** Says in the log why a ceremony was refused, for those who set the origins up. The client learns nothing of it. */
export function logRefusal({ log, request_id }: RequestContext, { message }: Error): undefined {
  // Parts of it may be the client's text.
  log.info({ event: 'passkey.refused', request_id, problem: message.slice(0, 300) }, 'a passkey was refused');
}

async function findPasskey({ db }: RequestContext, credential_id: string, challenge: challenges.Challenge) {
  const { id, user_id, public_key, counter, is_synced } = passkeys;
  const is_used = sql<boolean>`exists (select from ${usedChallenges} where ${usedChallenges.id} = ${challenge.id}::uuid)`;
  const [passkey] = await db
    .select({ id, user_id, public_key, counter, is_synced, is_used })
    .from(passkeys)
    .where(eq(passkeys.credential_id, credential_id));
  return passkey;
}

/** Judged of a key on one device alone: the copies of a synced one count for themselves, or not at all. */
function hasGoneBack({ is_synced, counter }: { is_synced: boolean; counter: number }, given: number): boolean {
  return !is_synced && counter > 0 && given <= counter;
}

/** The names of RFC 8176: a key that stays in its hardware, or one that is copied; and whether the user was verified. */
function methodsOf(is_synced: boolean, { is_user_verified }: { is_user_verified: boolean }): ProvedPasskey['amr'] {
  return [is_synced ? 'swk' : 'hwk', ...(is_user_verified ? (['user'] as const) : [])];
}
