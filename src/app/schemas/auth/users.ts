import { Type } from 'typebox';
import { closed, Id, NullableString, PageQuery, Timestamp } from '../common.ts';

const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  description: 'Stored trimmed and in lower case',
  examples: ['ada@example.com'],
});

/** The service checks the exact limit, which is in bytes; this length bounds the work before that check. */
const Password = Type.String({
  minLength: 1,
  maxLength: 256,
  format: 'password',
  description: 'At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule',
  examples: ['correct horse battery staple'],
});

const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' };

const Name = NullableString({ minLength: 1, maxLength: 200, examples: ['Ada Lovelace'] });

const Role = Type.Unsafe<'user' | 'admin'>({ type: 'string', enum: ['user', 'admin'] });

export const User = Type.Object(
  {
    id: Id,
    email: Email,
    name: Name,
    role: Role,
    is_active: Type.Boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'User' },
);

export const Registration = Type.Object(
  { email: Email, password: Password, name: Type.Optional(Name) },
  { ...closed, examples: [{ ...ADA, name: 'Ada Lovelace' }] },
);

export const Login = Type.Object({ email: Email, password: Password }, { ...closed, examples: [ADA] });

export const ProfileUpdate = Type.Object({ name: Name }, { ...closed, examples: [{ name: 'Ada Lovelace' }] });

export const UserQuery = Type.Object(
  {
    ...PageQuery.properties,
    email: Type.Optional(Type.String({ minLength: 1, maxLength: 254, description: 'Beginning of the address' })),
    role: Type.Optional(Role),
    is_active: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const UserCreate = Type.Object(
  { ...Registration.properties, role: Type.Optional(Role) },
  { ...closed, examples: [{ ...ADA, name: 'Ada Lovelace', role: 'user' }] },
);

export const UserUpdate = Type.Object(
  { name: Type.Optional(Name), role: Type.Optional(Role), is_active: Type.Optional(Type.Boolean()) },
  { ...closed, minProperties: 1, examples: [{ is_active: false }] },
);

export const PasswordChange = Type.Object(
  { current_password: Password, new_password: Password },
  { ...closed, examples: [{ current_password: ADA.password, new_password: 'another horse, another staple' }] },
);

export const PasswordProof = Type.Object({ password: Password }, { ...closed, examples: [{ password: ADA.password }] });
