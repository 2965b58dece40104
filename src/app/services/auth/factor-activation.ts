import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import * as enrollment from './enrollment.ts';
import * as factors from './factors.ts';
import { addMethods } from './session-proof.ts';
import type { TokenPair } from './token-pair.ts';

export interface Activated extends Partial<TokenPair> {
  recovery_codes: string[];
}

/**
 * Activates one of the caller's authenticator apps by its first code. The session is one of two factors from then on; a
 * sign-in that had to enrol gets its session. Throws factor_not_found, invalid_credentials, mfa_token_invalid, rate_limited.
 */
export async function activate(
  ctx: RequestContext,
  actor: Actor,
  input: { id: string; code: string },
): Promise<Activated> {
  const { recovery_codes, outcome } = await factors.activate(ctx, actor, input, async (ctx) => {
    if (actor.enrollment !== undefined)
      return enrollment.finish(ctx, actor.enrollment, { user_id: actor.user.id, amr: ['otp'] });
    await addMethods(ctx, actor, ['otp']);
    return undefined;
  });
  return { recovery_codes, ...outcome };
}
