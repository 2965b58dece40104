import { ADA, Email, Name, Role } from '../auth/users.ts';
import { closed } from '../common.ts';
import { Type } from '../type.ts';

export const Invitation = Type.Object(
  { email: Email, name: Type.Optional(Name), role: Type.Optional(Role) },
  { ...closed, title: 'Invitation', examples: [{ email: ADA.email, name: 'Ada Lovelace', role: 'user' }] },
);
