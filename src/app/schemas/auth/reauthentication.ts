import { Type } from 'typebox';
import { closed } from '../common.ts';
import { FactorCode } from './factors.ts';
import { ADA, Password } from './users.ts';

export const Reauthentication = Type.Object(
  { password: Type.Optional(Password), code: Type.Optional(FactorCode) },
  {
    ...closed,
    title: 'Reauthentication',
    description: 'Either `password` or `code`',
    // Not `oneOf`: both of its schemas would report their missing fields.
    if: { required: ['code'] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
    then: { not: { required: ['password'] } },
    else: { required: ['password'] },
    examples: [{ password: ADA.password }],
  },
);
