import { describe, expect, it } from 'vitest';
import {
  decide,
  LINKING_POLICY,
  type Outcome,
  type Situation,
} from '../../../../../src/app/services/auth/social-login/linking-policy.ts';

const ADDRESSES = ['none', 'free', 'verified', 'unverified', 'held'] as const;
const CONFIRM = 'identity_confirmation_required';
/** Every situation that there is: the outcome if the provider is trusted, and if it is not. */
const EXPECTED: Record<Situation['identity'], Record<Situation['address'], [trusted: Outcome, other: Outcome]>> = {
  known: {
    none: ['sign_in', 'sign_in'],
    free: ['sign_in', 'sign_in'],
    verified: ['sign_in', 'sign_in'],
    unverified: ['sign_in', 'sign_in'],
    held: ['sign_in', 'sign_in'],
  },
  unknown: {
    none: ['email_missing', 'email_missing'],
    free: ['create_verified', 'create_unverified'],
    verified: ['link', CONFIRM],
    unverified: [CONFIRM, CONFIRM],
    held: [CONFIRM, CONFIRM],
  },
};
const situations = (['known', 'unknown'] as const).flatMap((identity) =>
  ADDRESSES.flatMap((address) => [true, false].map((is_trusted): Situation => ({ identity, address, is_trusted }))),
);

describe('the linking policy', () => {
  it.each(situations)('decides a $identity identity with an address that is $address, trusted: $is_trusted', (one) => {
    const [trusted, other] = EXPECTED[one.identity][one.address];
    expect(decide(one)).toBe(one.is_trusted ? trusted : other);
  });

  it('has no rule that decides nothing', () => {
    for (const rule of LINKING_POLICY) {
      const without = LINKING_POLICY.filter((other) => other !== rule);
      const decided = situations.filter((one) => {
        const fits = ({ identity = one.identity, address = one.address, is_trusted = one.is_trusted }) =>
          identity === one.identity && address === one.address && is_trusted === one.is_trusted;
        return without.find(fits)?.outcome !== LINKING_POLICY.find(fits)?.outcome;
      });
      expect(decided, JSON.stringify(rule)).not.toEqual([]);
    }
  });
});
