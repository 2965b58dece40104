import { Login } from '../../../app/schemas/auth/login.ts';
import * as login from '../../../app/services/auth/login.ts';
import { emailField, form, passwordField, submit } from '../fields.ts';
import { definePage } from '../page.ts';
import { signedIn } from './next-step.ts';

export const signInPage = definePage({
  path: 'sign-in',
  access: 'signed_out',
  body: Login,
  errors: ['invalid_credentials', 'account_disabled', 'email_unverified', 'rate_limited'],
  sentenceOf: { invalid_credentials: 'sign_in_failed' },
  message: ({ sign_in }) => ({ title: sign_in.title, paragraphs: [] }),
  form: (view) => form(emailField(view), passwordField(view), submit(view.texts.sign_in.button)),
  ways: ({ texts }) => [
    { label: texts.forgot_password.title, page: 'forgot-password' },
    { label: texts.sign_up.title, page: 'sign-up' },
    { label: texts.request_verification.title, page: 'request-verification' },
  ],
  submit: async ({ ctx, view }, body) => signedIn(view, () => login.start(ctx, body)),
});
