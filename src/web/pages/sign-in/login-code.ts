import { LoginCode } from '../../../app/schemas/auth/login-codes.ts';
import * as loginCodes from '../../../app/services/auth/login-codes.ts';
import { form, proofFields, submit } from '../fields.ts';
import { definePage } from '../page.ts';
import { signedIn } from './next-step.ts';

export const loginCodePage = definePage({
  path: 'login-code',
  body: LoginCode,
  errors: ['one_time_token_invalid', 'account_disabled', 'rate_limited'],
  message: ({ login_code }) => ({ title: login_code.title, paragraphs: [login_code.text] }),
  form: (view) => form(proofFields(view), submit(view.texts.sign_in.button)),
  ways: ({ texts }) => [{ label: texts.reset_password.renew, page: 'request-login-code' }],
  submit: async (visit, body) => signedIn(visit, () => loginCodes.login(visit.ctx, visit.actor, body)),
});
