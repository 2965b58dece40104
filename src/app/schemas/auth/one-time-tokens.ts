import { closed } from '../common.ts';
import { Type } from '../type.ts';
import { ADA, Email } from './users.ts';

export const LINK_TOKEN_EXAMPLE = 'AZqzxW8-fBqdVY8OSyodPT8xqJ9fZ1yCkq0aVYxkqk1p3m5Qw1zqXg8FQd';

/** Any text of this length, the empty one too: one that is no token is refused like one that is used. */
export const LinkToken = Type.String({
  maxLength: 512,
  description: 'The token of the link in the mail',
  examples: [LINK_TOKEN_EXAMPLE],
});

/** The two forms of a one-time token, of which a body has one. */
export const tokenForms = {
  token: Type.Optional(LinkToken),
  email: Type.Optional(Email),
  code: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'The eight digits of the mail', examples: ['12345678'] }),
  ),
};

/** The rules of an object with `tokenForms`. */
export const oneTokenForm = {
  ...closed,
  // Not `oneOf`: both of its schemas would report their missing fields.
  if: { required: ['token'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
  then: { not: { anyOf: [{ required: ['email'] }, { required: ['code'] }] } },
  else: { required: ['email', 'code'] },
};

export const TOKEN_FORM_RULE = 'Either `token`, or `email` and `code`';

export const AddressRequest = Type.Object(
  { email: Email },
  { ...closed, title: 'AddressRequest', examples: [{ email: ADA.email }] },
);
