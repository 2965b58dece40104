import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inTransaction } from '../../database.ts';
import * as factors from './factors.ts';
import * as limits from './limits.ts';
import { requirePassword } from './password-proof.ts';
import * as sessionProof from './session-proof.ts';

/**
 * Makes the caller's session fresh for five minutes, by the password or, for an account with a second factor, by its code.
 * Throws invalid_credentials, rate_limited, and reauthentication_required if the method is not enough.
 */
export async function reauthenticate(
  ctx: RequestContext,
  actor: Actor,
  { password, code }: { password?: string; code?: string },
): Promise<void> {
  const session = await sessionProof.findProof(ctx, actor);
  if (code === undefined) {
    if (!session.methods.includes('password')) throw sessionProof.required(session);
    const { released } = await requirePassword(ctx, actor, password ?? '');
    await released;
    return sessionProof.refresh(ctx, actor, 'pwd');
  }
  const proved = await limits.proveFactor(ctx, actor.user.id, () =>
    inTransaction(ctx, async (ctx) => {
      if (!(await factors.spendCode(ctx, actor.user.id, code))) return undefined;
      await sessionProof.refresh(ctx, actor, 'otp');
      return true;
    }),
  );
  if (proved === undefined) await factors.refuse(ctx, actor.user.id);
}
