import { closed } from '../common.ts';
import { Type } from '../type.ts';
import { RefreshToken, TOKEN_EXAMPLE } from './tokens.ts';

export const Refresh = Type.Object(
  { refresh_token: RefreshToken },
  { ...closed, title: 'Refresh', examples: [{ refresh_token: TOKEN_EXAMPLE }] },
);
