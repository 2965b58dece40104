import { closed } from '../common.ts';
import { Type } from '../type.ts';
import { RefreshToken, TOKEN_EXAMPLE } from './tokens.ts';
import { ADA, Email, Password } from './users.ts';

export const Login = Type.Object({ email: Email, password: Password }, { ...closed, title: 'Login', examples: [ADA] });

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
    title: 'TokenRequest',
    description: 'With `grant_type=password` (the default) `username` and `password`, with `refresh_token` that one',
    examples: [
      { grant_type: 'password', username: 'ada@example.com', password: 'correct horse battery staple' },
      { grant_type: 'refresh_token', refresh_token: TOKEN_EXAMPLE },
    ],
    // Not `oneOf`: both of its schemas would report their missing fields.
    if: { properties: { grant_type: { const: 'refresh_token' } }, required: ['grant_type'] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
    then: { required: ['refresh_token'] },
    else: { required: ['username', 'password'] },
  },
);
