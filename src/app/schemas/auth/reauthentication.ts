import { closed } from '../common.ts';
import { type Static, Type } from '../type.ts';
import { FactorCode } from './factors.ts';
import { AssertedCredential, ChallengeId, oneAnswer } from './passkeys.ts';
import { ADA, Password } from './users.ts';

export const Reauthentication = Type.Object(
  {
    password: Type.Optional(Password),
    code: Type.Optional(FactorCode),
    challenge_id: Type.Optional(ChallengeId),
    credential: Type.Optional(AssertedCredential),
  },
  {
    ...closed,
    title: 'Reauthentication',
    description: 'One of `password`, `code`, and `challenge_id` with `credential`',
    ...oneAnswer('password'),
    examples: [{ password: ADA.password }],
  },
);
export type Reauthentication = Static<typeof Reauthentication>;
