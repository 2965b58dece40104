import { closed } from '../common.ts';
import { Type } from '../type.ts';
import { ADA, Locale, Name, Password } from './users.ts';

export const ProfileUpdate = Type.Object(
  { name: Type.Optional(Name), locale: Type.Optional(Locale) },
  { ...closed, minProperties: 1, title: 'ProfileUpdate', examples: [{ name: 'Ada Lovelace' }] },
);

export const PasswordChange = Type.Object(
  { current_password: Type.Optional(Password), new_password: Password },
  {
    ...closed,
    title: 'PasswordChange',
    examples: [{ current_password: ADA.password, new_password: 'another horse, another staple' }],
  },
);

/** An account without a password proves its session instead. */
export const AccountClosing = Type.Object(
  { password: Type.Optional(Password) },
  { ...closed, title: 'AccountClosing', examples: [{ password: ADA.password }] },
);

export const PasswordProof = Type.Object(
  { password: Password },
  { ...closed, title: 'PasswordProof', examples: [{ password: ADA.password }] },
);
