import { Type } from 'typebox';
import { closed, Id, NullableIp, NullableUserAgent, Timestamp } from '../common.ts';

const TOKEN_MAX_LENGTH = 4096;
const TOKEN_EXAMPLE = 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIi…';

const Jwt = (description: string) =>
  Type.String({ maxLength: TOKEN_MAX_LENGTH, description, examples: [TOKEN_EXAMPLE] });

export const TokenPair = Type.Object(
  {
    access_token: Jwt('Goes into `Authorization: Bearer`'),
    refresh_token: Jwt('Good for one refresh; keep the newest only'),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds that the access token lives', examples: [3600] }),
  },
  { title: 'TokenPair' },
);

const RefreshToken = Type.String({ minLength: 1, maxLength: TOKEN_MAX_LENGTH, examples: [TOKEN_EXAMPLE] });

export const Refresh = Type.Object(
  { refresh_token: RefreshToken },
  { ...closed, examples: [{ refresh_token: TOKEN_EXAMPLE }] },
);

/** The two grants of RFC 6749 §4.3 and §6. `scope` and the client's id and secret are allowed but ignored: client libraries send them. */
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
    examples: [
      { grant_type: 'password', username: 'ada@example.com', password: 'correct horse battery staple' },
      { grant_type: 'refresh_token', refresh_token: TOKEN_EXAMPLE },
    ],
    // Rather than one of two schemas, of which both would tell what they miss.
    if: { properties: { grant_type: { const: 'refresh_token' } }, required: ['grant_type'] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
    then: { required: ['refresh_token'] },
    else: { required: ['username', 'password'] },
  },
);

export const Session = Type.Object(
  {
    id: Id,
    current: Type.Boolean({ description: 'The session that asks' }),
    ip: NullableIp,
    user_agent: NullableUserAgent,
    device: Type.String({
      maxLength: 64,
      description: 'The user agent in a few words',
      examples: ['Firefox on Windows'],
    }),
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
  },
  { title: 'Session' },
);
