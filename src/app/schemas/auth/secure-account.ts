import { Type } from 'typebox';
import { closed } from '../common.ts';
import { LINK_TOKEN_EXAMPLE, LinkToken } from './one-time-tokens.ts';

export const LinkProof = Type.Object(
  { token: LinkToken },
  { ...closed, title: 'LinkProof', examples: [{ token: LINK_TOKEN_EXAMPLE }] },
);
