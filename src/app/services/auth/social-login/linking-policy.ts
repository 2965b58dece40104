/** What is known when a person comes back from a provider. */
export interface Situation {
  /** The account that has the identity. */
  identity: 'known' | 'unknown';
  /** The address that the provider names: of no account, of one whose mailbox was proved or not, or held for a way back. */
  address: 'none' | 'free' | 'verified' | 'unverified' | 'held';
  /** True if the provider says that the address is verified, and has authority over it. */
  is_trusted: boolean;
}

/** What follows: a way in, or the refusal that the app is told. */
export type Outcome =
  | 'sign_in'
  | 'create_verified'
  | 'create_unverified'
  | 'link'
  | 'email_missing'
  | 'identity_confirmation_required';

interface Rule extends Partial<Situation> {
  outcome: Outcome;
}

/**
 * The whole policy, first rule first; what a rule does not name is any. The key of an account is the issuer and the subject. An
 * address joins an identity to an account only if both sides proved it, and only by a provider that runs its mailboxes.
 */
export const LINKING_POLICY: readonly Rule[] = [
  { identity: 'known', outcome: 'sign_in' },
  { address: 'none', outcome: 'email_missing' },
  { address: 'free', is_trusted: true, outcome: 'create_verified' },
  { address: 'free', is_trusted: false, outcome: 'create_unverified' },
  { address: 'verified', is_trusted: true, outcome: 'link' },
  { address: 'verified', is_trusted: false, outcome: 'identity_confirmation_required' },
  { address: 'unverified', outcome: 'identity_confirmation_required' },
  { address: 'held', outcome: 'identity_confirmation_required' },
];

/** The outcome of a situation. */
export function decide(situation: Situation): Outcome {
  const rule = LINKING_POLICY.find(
    ({ identity = situation.identity, address = situation.address, is_trusted = situation.is_trusted }) =>
      identity === situation.identity && address === situation.address && is_trusted === situation.is_trusted,
  );
  // The rules name every address.
  return rule?.outcome ?? 'identity_confirmation_required';
}
