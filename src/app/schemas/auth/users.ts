import { ROLES } from '../../models/auth/users.ts';
import { LOCALES, type Locale as LocaleName } from '../../utils/locales.ts';
import { enumOf, Id, NullableString, Timestamp } from '../common.ts';
import { Type } from '../type.ts';

export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  description: 'Stored trimmed and in lower case',
  examples: ['ada@example.com'],
});

/** The service checks the exact limit, which is in bytes; this length bounds the work before that check. */
export const Password = Type.String({
  minLength: 1,
  maxLength: 256,
  format: 'password',
  description: 'At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule',
  examples: ['correct horse battery staple'],
});

export const Name = NullableString({ minLength: 1, maxLength: 200, examples: ['Ada Lovelace'] });

export const Role = enumOf(ROLES);

/** The language of the account's mails. */
export const Locale = Type.Unsafe<LocaleName | null>({ type: ['string', 'null'], enum: [...LOCALES, null] });

export const User = Type.Object(
  {
    id: Id,
    email: Email,
    name: Name,
    email_verified: Type.Boolean(),
    has_password: Type.Boolean(),
    locale: Locale,
    role: Role,
    is_active: Type.Boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'User' },
);

/** The account of the examples. */
export const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' };
