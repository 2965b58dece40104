import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import type { Reauthentication } from '../../schemas/auth/reauthentication.ts';
import * as factors from './factors.ts';
import * as limits from './limits.ts';
import * as passkeyProof from './passkey-proof.ts';
import { requirePassword } from './password-proof.ts';
import * as sessionProof from './session-proof.ts';

/**
 * Makes the caller's session fresh for five minutes: by the password, by the code of an authenticator app, or by a passkey that
 * verified its user. Throws invalid_credentials, rate_limited, and reauthentication_required if the method is not enough.
 */
export async function reauthenticate(
  ctx: RequestContext,
  actor: Actor,
  { password, code, challenge_id, credential }: Reauthentication,
): Promise<void> {
  if (challenge_id !== undefined && credential !== undefined)
    return byPasskey(ctx, actor, { challenge_id, credential });
  return code === undefined ? byPassword(ctx, actor, password ?? '') : byCode(ctx, actor, code);
}

async function byPassword(ctx: RequestContext, actor: Actor, password: string): Promise<void> {
  const session = await sessionProof.findProof(ctx, actor);
  if (!session.methods.includes('password')) throw sessionProof.required(session);
  const { released } = await requirePassword(ctx, actor, password);
  await released;
  return sessionProof.refresh(ctx, actor, ['pwd']);
}

async function byCode(ctx: RequestContext, actor: Actor, code: string): Promise<void> {
  const proved = await limits.proveFactor(ctx, actor.user.id, () =>
    inTransaction(ctx, async (ctx) => {
      if (!(await factors.spendCode(ctx, actor.user.id, code))) return undefined;
      await sessionProof.refresh(ctx, actor, ['otp']);
      return true;
    }),
  );
  if (proved === undefined) await factors.refuse(ctx, actor.user.id);
}

async function byPasskey(ctx: RequestContext, actor: Actor, answer: passkeyProof.PasskeyAnswer): Promise<void> {
  const { id: user_id } = actor.user;
  const proved = await limits.proveFactor(ctx, user_id, async () => {
    const passkey = await passkeyProof.prove(ctx, answer);
    if (passkey?.user_id !== user_id || !passkey.is_user_verified) return undefined;
    return inTransaction(ctx, async (ctx) => {
      if (!(await passkeyProof.spend(ctx, passkey))) return undefined;
      await sessionProof.refresh(ctx, actor, passkey.amr);
      return true;
    });
  });
  if (proved === undefined) await factors.refuse(ctx, user_id, passkeyProof.NOT_ACCEPTED);
}
