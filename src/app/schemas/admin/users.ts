import { Registration } from '../auth/registration.ts';
import { ADA, Name, Role } from '../auth/users.ts';
import { closed, PageQuery } from '../common.ts';
import { Type } from '../type.ts';

export const UserQuery = Type.Object(
  {
    ...PageQuery.properties,
    email: Type.Optional(Type.String({ minLength: 1, maxLength: 254, description: 'Beginning of the address' })),
    q: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'Beginnings of words of the address and the name' }),
    ),
    role: Type.Optional(Role),
    is_active: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const UserCreate = Type.Object(
  { ...Registration.properties, role: Type.Optional(Role) },
  { ...closed, title: 'UserCreate', examples: [{ ...ADA, name: 'Ada Lovelace', role: 'user' }] },
);

export const UserUpdate = Type.Object(
  { name: Type.Optional(Name), role: Type.Optional(Role), is_active: Type.Optional(Type.Boolean()) },
  { ...closed, title: 'UserUpdate', minProperties: 1, examples: [{ is_active: false }] },
);
