import { closed } from '../common.ts';
import { Type } from '../type.ts';
import { LINK_TOKEN_EXAMPLE, LinkToken } from './one-time-tokens.ts';

export const LinkProof = Type.Object(
  { token: LinkToken },
  { ...closed, title: 'LinkProof', examples: [{ token: LINK_TOKEN_EXAMPLE }] },
);
