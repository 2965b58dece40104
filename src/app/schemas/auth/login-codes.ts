import { Type } from '../type.ts';
import { oneTokenForm, TOKEN_FORM_RULE, tokenForms } from './one-time-tokens.ts';
import { ADA } from './users.ts';

export const LoginCode = Type.Object(tokenForms, {
  ...oneTokenForm,
  title: 'LoginCode',
  description: TOKEN_FORM_RULE,
  examples: [{ email: ADA.email, code: '12345678' }],
});
