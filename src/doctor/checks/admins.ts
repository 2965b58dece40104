import { counted, type Finding, ok, warn } from '../finding.ts';
import type { AdminFacts, ReadableConfig } from '../observation.ts';

/** Whether a stolen password of an administrator opens everything. */
export function checkAdmins(
  { admins, bare, bare_names }: AdminFacts,
  { environment, mfa_required_for }: ReadableConfig,
): Finding[] {
  if (admins === 0) return [];
  if (bare === 0) return [ok('admins', `${counted(admins, 'administrator')}, each with a second factor or a passkey`)];
  if (mfa_required_for === 'admins' || mfa_required_for === 'everybody')
    return [ok('admins', `${counted(bare, 'administrator')} without a second factor set one up before they log in`)];
  // A machine of one's own has an administrator for trials.
  if (environment !== 'production') return [];
  const others = bare > bare_names.length ? ` and ${bare - bare_names.length} more` : '';
  return [
    warn(
      'admins',
      `${counted(bare, 'administrator')} with a password alone: ${bare_names.join(', ')}${others}`,
      'MFA_REQUIRED_FOR=admins: who has no second factor sets one up at the next login; see docs/guides/second-factors.md',
    ),
  ];
}
