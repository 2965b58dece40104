import { closed, DateTimestamp } from '../common.ts';
import { Type } from '../type.ts';
import { oneTokenForm, TOKEN_FORM_RULE, tokenForms } from './one-time-tokens.ts';
import { ADA, Email, Password } from './users.ts';

export const EmailChange = Type.Object(
  { email: Email, password: Type.Optional(Password) },
  {
    ...closed,
    title: 'EmailChange',
    description: 'An account without a password needs none in the first five minutes of its session',
    examples: [{ email: 'ada@example.org', password: ADA.password }],
  },
);

export const PendingEmailChange = Type.Object(
  { pending_email: Email, expires_at: DateTimestamp },
  { title: 'PendingEmailChange' },
);

export const EmailConfirmation = Type.Object(tokenForms, {
  ...oneTokenForm,
  title: 'EmailConfirmation',
  description: `${TOKEN_FORM_RULE}, where \`email\` is the new address`,
  examples: [{ email: 'ada@example.org', code: '12345678' }],
});
