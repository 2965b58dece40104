import { closed } from '../common.ts';
import { Type } from '../type.ts';
import { ADA, Email, Name, Password } from './users.ts';

export const Registration = Type.Object(
  { email: Email, password: Password, name: Type.Optional(Name) },
  { ...closed, title: 'Registration', examples: [{ ...ADA, name: 'Ada Lovelace' }] },
);
