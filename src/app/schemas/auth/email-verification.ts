import { Type } from '../type.ts';
import { oneTokenForm, TOKEN_FORM_RULE, tokenForms } from './one-time-tokens.ts';
import { ADA, Password } from './users.ts';

export const Verification = Type.Object(
  { ...tokenForms, password: Type.Optional(Password) },
  {
    ...oneTokenForm,
    title: 'Verification',
    description: `${TOKEN_FORM_RULE}. With the account’s password, or an access token of it, what was set before stays`,
    examples: [{ email: ADA.email, code: '12345678', password: ADA.password }],
  },
);
