import type { RequestContext } from '../../context.ts';
import { atOnce, inOrder } from '../../database.ts';
import { users } from '../../models/auth/users.ts';
import { requireEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import * as limits from './limits.ts';
import { hashNew, requireGoodPassword } from './passwords.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

export interface Registration {
  email: string;
  password: string;
  name?: string | null;
}

/** Opens an account and its first session. Throws email_taken, the password codes, validation_failed for no address. */
export async function register(ctx: RequestContext, registration: Registration): Promise<TokenPair> {
  const { registrations_total } = ctx.metrics;
  try {
    const pair = await openAccount(ctx, registration);
    registrations_total.inc('succeeded');
    return pair;
  } catch (error) {
    registrations_total.inc('refused');
    throw error;
  }
}

async function openAccount(
  ctx: RequestContext,
  { email: text, password, name = null }: Registration,
): Promise<TokenPair> {
  const email = requireEmail(text);
  requireGoodPassword(ctx.config, password, { field: 'password', email });
  await limits.countRegistration(ctx);
  const password_hash = await hashNew(ctx, password, { field: 'password' });
  const user = { id: newId(), email, role: 'user', password_version: 0 } as const;
  // Sent at once, and answered in this order: a taken address is the first to fail.
  return atOnce(ctx, async (ctx) => {
    const [, , , pair] = await inOrder([
      ctx.db
        .insert(users)
        .values({ ...user, name, password_hash })
        .execute(),
      limits.forget(ctx, email),
      audit.record(ctx, { event: 'user.registered', subject_id: user.id, actor_id: user.id }),
      sessions.start(ctx, user),
    ]);
    return requireSession(pair);
  });
}

function requireSession(pair: TokenPair | undefined): TokenPair {
  if (pair === undefined) throw new AppError('invalid_credentials');
  return pair;
}
