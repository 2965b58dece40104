import type { RequestContext } from '../../context.ts';
import { atOnce, inOrder, inTransaction } from '../../database.ts';
import { users } from '../../models/auth/users.ts';
import { type EmailAddress, requireEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import { type Addressee, queueMail } from '../system/mail-queue.ts';
import { mailProof } from './account-mails.ts';
import { findHolder } from './held-addresses.ts';
import * as limits from './limits.ts';
import { hashNew, requireGoodPassword } from './passwords.ts';
import * as sessions from './sessions.ts';
import type { TokenPair } from './token-pair.ts';

export interface Registration {
  email: string;
  password: string;
  name?: string | null;
}

/**
 * Opens an account and its first session, and has its address verified by mail. With EMAIL_VERIFICATION=required it gives
 * `undefined` for everybody: no session starts, and the owner of a taken address is told by mail. Throws registration_closed, email_taken, the password codes, validation_failed for no address.
 */
export async function register(ctx: RequestContext, registration: Registration): Promise<TokenPair | undefined> {
  const { registrations_total } = ctx.metrics;
  try {
    if (ctx.config.registration === 'closed') throw new AppError('registration_closed');
    const isQuiet = ctx.config.email_verification === 'required';
    const pair = await (isQuiet ? openQuietly(ctx, registration) : openAccount(ctx, registration));
    registrations_total.inc('succeeded');
    return pair;
  } catch (error) {
    registrations_total.inc('refused');
    throw error;
  }
}

async function openAccount(ctx: RequestContext, { name = null, ...registration }: Registration): Promise<TokenPair> {
  const { email, password_hash } = await examine(ctx, registration);
  const user = { id: newId(), email, role: 'user', password_version: 0, has_factor: false } as const;
  // Sent at once, and answered in this order: a taken address is the first to fail.
  return atOnce(ctx, async (ctx) => {
    const [, , , pair] = await inOrder([
      ctx.db
        .insert(users)
        .values({ ...user, name, password_hash })
        .execute(),
      limits.forget(ctx, email),
      audit.record(ctx, { event: 'user.registered', subject_id: user.id, actor_id: user.id }),
      sessions.start(ctx, user, ['pwd']),
      mailProof(ctx, 'verify_email', { user }),
    ]);
    return requireSession(pair);
  });
}

/**
 * An address that is taken costs a statement like one that is free, and both get a mail; a taken one at most once a minute, so
 * that a form that is sent twice has the answer of one that is sent once.
 */
async function openQuietly(ctx: RequestContext, { name = null, ...registration }: Registration): Promise<undefined> {
  const { email, password_hash } = await examine(ctx, registration);
  const isFirst = await limits.countRegistrationMail(ctx, email);
  const id = newId();
  await inTransaction(ctx, async (ctx) => {
    const mailTaken = async (holder: Awaited<ReturnType<typeof findHolder>>): Promise<void> => {
      if (isFirst) await mailHolder(ctx, { ...holder, email });
    };
    const holder = await findHolder(ctx, email);
    if (holder !== undefined) return mailTaken(holder);
    const opened = await ctx.db
      .insert(users)
      .values({ id, email, name, password_hash })
      .onConflictDoNothing({ target: users.email })
      .returning({ id: users.id });
    // Of two at the same time one is first.
    if (opened.length === 0) return mailTaken(await findHolder(ctx, email));
    await inOrder([
      limits.forget(ctx, email),
      audit.record(ctx, { event: 'user.registered', subject_id: id, actor_id: id }),
      mailProof(ctx, 'verify_email', { user: { id, email }, counted_as: limits.REGISTRATION }),
    ]);
  });
}

async function mailHolder(
  ctx: RequestContext,
  { id, ...holder }: Partial<Addressee> & { email: EmailAddress },
): Promise<void> {
  if (id !== undefined) await queueMail(ctx, 'address_taken', { ...holder, id }, { counted_as: limits.REGISTRATION });
}

async function examine(
  ctx: RequestContext,
  { email: text, password }: Pick<Registration, 'email' | 'password'>,
): Promise<{ email: EmailAddress; password_hash: string }> {
  const email = requireEmail(text);
  requireGoodPassword(ctx.config, password, { field: 'password', email });
  await limits.countRegistration(ctx);
  return { email, password_hash: await hashNew(ctx, password, { field: 'password' }) };
}

function requireSession(pair: TokenPair | undefined): TokenPair {
  if (pair === undefined) throw new AppError('invalid_credentials');
  return pair;
}
