import { Type } from 'typebox';
import { closed, Id, NullableString, Timestamp } from './common.ts';

const Jwt = (description: string) =>
  Type.String({ description, examples: ['eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIi…'] });

export const TokenPair = Type.Object(
  {
    access_token: Jwt('Goes into `Authorization: Bearer`'),
    refresh_token: Jwt('Good for one refresh; keep the newest only'),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds that the access token lives', examples: [3600] }),
  },
  { title: 'TokenPair' },
);

const RefreshToken = Type.String({ minLength: 1, maxLength: 4096 });

export const Refresh = Type.Object({ refresh_token: RefreshToken }, closed);

/** The two grants of RFC 6749 §4.3 and §6; `scope` and the client's name are read by nobody but allowed, since every client library sends them. */
export const TokenRequest = Type.Object(
  {
    grant_type: Type.Optional(
      Type.Unsafe<'password' | 'refresh_token'>({
        type: 'string',
        enum: ['password', 'refresh_token'],
        default: 'password',
      }),
    ),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 254, description: 'The e-mail address' })),
    password: Type.Optional(Type.String({ minLength: 1, maxLength: 256, format: 'password' })),
    refresh_token: Type.Optional(RefreshToken),
    scope: Type.Optional(Type.String({ maxLength: 256 })),
    client_id: Type.Optional(Type.String({ maxLength: 256 })),
    client_secret: Type.Optional(Type.String({ maxLength: 256 })),
  },
  {
    ...closed,
    oneOf: [
      { properties: { grant_type: { const: 'password' } }, required: ['username', 'password'] },
      { properties: { grant_type: { const: 'refresh_token' } }, required: ['grant_type', 'refresh_token'] },
    ],
  },
);

export const Session = Type.Object(
  {
    id: Id,
    current: Type.Boolean({ description: 'The session that asks' }),
    ip: NullableString({ examples: ['203.0.113.7'] }),
    user_agent: NullableString(),
    device: Type.String({ description: 'The user agent in a few words', examples: ['Firefox on Windows'] }),
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
  },
  { title: 'Session' },
);
