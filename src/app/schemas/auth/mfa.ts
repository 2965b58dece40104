import { closed } from '../common.ts';
import { type Static, Type } from '../type.ts';
import { FactorCode } from './factors.ts';
import { LINK_TOKEN_EXAMPLE } from './one-time-tokens.ts';
import { AssertedCredential, ChallengeId, oneAnswer } from './passkeys.ts';

/** What every way in may ask for before it starts a session. */
export const SIGN_IN_ERRORS = ['mfa_required', 'mfa_enrollment_required'] as const;

export const SecondFactor = Type.Object(
  {
    mfa_token: Type.String({
      minLength: 1,
      maxLength: 512,
      description: 'The one of `mfa_required`',
      examples: [LINK_TOKEN_EXAMPLE],
    }),
    code: Type.Optional(FactorCode),
    recovery_code: Type.Optional(Type.String({ minLength: 1, maxLength: 64, examples: ['7K3QD-M0XW9'] })),
    challenge_id: Type.Optional(ChallengeId),
    credential: Type.Optional(AssertedCredential),
  },
  {
    ...closed,
    title: 'SecondFactor',
    description: 'One of `code`, `recovery_code`, and `challenge_id` with `credential`',
    ...oneAnswer('recovery_code'),
    examples: [{ mfa_token: LINK_TOKEN_EXAMPLE, code: '123456' }],
  },
);
export type SecondFactor = Static<typeof SecondFactor>;
