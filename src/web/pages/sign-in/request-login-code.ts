import { AddressRequest } from '../../../app/schemas/auth/one-time-tokens.ts';
import * as loginCodes from '../../../app/services/auth/login-codes.ts';
import { emailField, form, submit } from '../fields.ts';
import { definePage } from '../page.ts';

export const requestLoginCodePage = definePage({
  path: 'request-login-code',
  access: 'signed_out',
  body: AddressRequest,
  errors: ['rate_limited'],
  message: ({ login_code }) => ({ title: login_code.request_title, paragraphs: [login_code.request_text] }),
  form: (view) => form(emailField(view), submit(view.texts.forgot_password.button)),
  ways: ({ texts }) => [{ label: texts.sign_in.title, page: 'sign-in' }],
  submit: async ({ ctx, view: { texts } }, body) => {
    const { done_title, done_help, done, enter_code } = texts.forgot_password;
    await loginCodes.request(ctx, body);
    const ways = [{ label: enter_code, page: 'login-code' }];
    return { title: done_title, paragraphs: [done(body.email), done_help], ways };
  },
});
