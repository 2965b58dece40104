import { Type } from '../type.ts';
import { oneTokenForm, TOKEN_FORM_RULE, tokenForms } from './one-time-tokens.ts';
import { ADA, Password } from './users.ts';

export const PasswordReset = Type.Object(
  { ...tokenForms, password: Password },
  {
    ...oneTokenForm,
    title: 'PasswordReset',
    description: TOKEN_FORM_RULE,
    examples: [{ email: ADA.email, code: '12345678', password: 'another horse, another staple' }],
  },
);
