import { Type } from '../type.ts';

export const TOKEN_MAX_LENGTH = 4096;
export const TOKEN_EXAMPLE = 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIi…';

const Jwt = (description: string) =>
  Type.String({ maxLength: TOKEN_MAX_LENGTH, description, examples: [TOKEN_EXAMPLE] });

export const TokenPair = Type.Object(
  {
    access_token: Jwt('Goes into `Authorization: Bearer`'),
    refresh_token: Type.Optional(
      Jwt('Good for one refresh; keep the newest only. With `X-Session: cookie` it is in the cookie instead'),
    ),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds that the access token lives', examples: [3600] }),
  },
  { title: 'TokenPair' },
);

export const RefreshToken = Type.String({ minLength: 1, maxLength: TOKEN_MAX_LENGTH, examples: [TOKEN_EXAMPLE] });

/** The header by which a browser asks for the refresh token as a cookie. */
export const CookieTransport = Type.Object({
  'x-session': Type.Optional(
    Type.Unsafe<'cookie'>({
      type: 'string',
      enum: ['cookie'],
      description: '`cookie`: the refresh token comes as a cookie that no script reads, and not in the body',
    }),
  ),
});
