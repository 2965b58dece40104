import { closed } from '../common.ts';
import { Type } from '../type.ts';
import { LINK_TOKEN_EXAMPLE, LinkToken } from './one-time-tokens.ts';
import { ADA, Name, Password } from './users.ts';

export const InvitationAcceptance = Type.Object(
  { token: LinkToken, password: Password, name: Type.Optional(Name) },
  {
    ...closed,
    title: 'InvitationAcceptance',
    examples: [{ token: LINK_TOKEN_EXAMPLE, password: ADA.password, name: 'Ada Lovelace' }],
  },
);
