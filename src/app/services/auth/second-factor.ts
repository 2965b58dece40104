import { and, eq } from 'drizzle-orm';
import type { Config } from '../../config.ts';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { factors } from '../../models/auth/factors.ts';
import { passkeys } from '../../models/auth/passkeys.ts';
import { recoveryCodes } from '../../models/auth/recovery-codes.ts';
import type { Role } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { type AuthenticationMethod, isTwoFactor, joinMethods, methodsOf } from './authentication-methods.ts';
import * as challenges from './mfa-challenges.ts';
import { countUnused } from './recovery-set.ts';

/** An account whose first factor was just proved. */
export interface ProvedAccount {
  id: string;
  role: Role;
  password_version: number;
  has_factor: boolean;
}

/** True if these methods open no session for the account yet. */
export function lacksSecondFactor(
  { config }: Pick<RequestContext, 'config'>,
  { has_factor, role }: ProvedAccount,
  amr: readonly AuthenticationMethod[],
): boolean {
  return !isTwoFactor(amr) && (has_factor || isCovered(config, role));
}

/**
 * The gate of every way in: throws mfa_required for an account with a factor, and for one that MFA_REQUIRED_FOR covers
 * mfa_required if it has a passkey, otherwise mfa_enrollment_required. The error carries the token to go on with. Call it outside of a transaction,
 * which would take the token back.
 */
export async function demandSecondFactor(
  ctx: RequestContext,
  account: ProvedAccount,
  amr: readonly AuthenticationMethod[],
): Promise<never> {
  const { id: user_id, password_version } = account;
  const challenge = { user_id, password_version, amr: joinMethods(...amr) };
  const choice = await listChoice(ctx, user_id);
  if (account.has_factor || choice.factors.length > 0) {
    const issued = await challenges.issue(ctx, { ...challenge, purpose: 'second_factor' });
    throw new AppError('mfa_required', { members: { ...issued, ...choice } });
  }
  const issued = await challenges.issue(ctx, { ...challenge, purpose: 'enrollment' });
  throw new AppError('mfa_enrollment_required', { members: issued });
}

/** True for the refusal of a sign-in whose first factor is right and which goes on. */
export function isChallenge({ code }: AppError): boolean {
  return code === 'mfa_required' || code === 'mfa_enrollment_required';
}

/** True if MFA_REQUIRED_FOR asks accounts of this role for a second factor. */
function isCovered({ mfa_required_for }: Pick<Config, 'mfa_required_for'>, role: Role): boolean {
  return mfa_required_for === 'everybody' || (mfa_required_for === 'admins' && role === 'admin');
}

/** The role that a session reaches by its methods, which `amr` separates by spaces: MFA_REQUIRED_FOR leaves one of a single factor the role of a user. */
export function reachOf(config: Pick<Config, 'mfa_required_for'>, { role, amr }: { role: Role; amr: string }): Role {
  return isCovered(config, role) && !isTwoFactor(methodsOf(amr)) ? 'user' : role;
}

/** The account as its session reaches it: every rule that asks for the role of the caller gets this one. */
export function withReach(
  config: Pick<Config, 'mfa_required_for'>,
  { user, session_id, amr }: Actor & { amr: string },
): Actor {
  const role = reachOf(config, { role: user.role, amr });
  if (role === user.role) return { user, session_id };
  return { user: { ...user, role }, session_id, withheld_role: user.role };
}

/** What the account can prove itself by. */
async function listChoice({ db }: Pick<RequestContext, 'db'>, user_id: string) {
  const { id, name } = passkeys;
  const isActive = and(eq(factors.user_id, user_id), eq(factors.is_active, true));
  const [apps, keys, [set]] = await Promise.all([
    db
      .select({ id: factors.id, type: factors.type, name: factors.name })
      .from(factors)
      .where(isActive)
      .orderBy(factors.id),
    db.select({ id, name }).from(passkeys).where(eq(passkeys.user_id, user_id)).orderBy(id),
    db.select({ used: recoveryCodes.used }).from(recoveryCodes).where(eq(recoveryCodes.user_id, user_id)),
  ]);
  const choice = [...apps, ...keys.map((key) => ({ id: key.id, type: 'passkey', name: key.name }))];
  return { factors: choice, recovery_codes: countUnused(set) > 0 };
}
