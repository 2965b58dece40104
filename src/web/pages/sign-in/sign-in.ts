import { Login } from '../../../app/schemas/auth/login.ts';
import * as login from '../../../app/services/auth/login.ts';
import * as passkeyLogin from '../../../app/services/auth/passkey-login.ts';
import { html } from '../../../app/utils/html.ts';
import { emailField, form, passwordField, submit } from '../fields.ts';
import { definePage } from '../page.ts';
import { passkeyForm } from '../passkey-form.ts';
import { signedIn } from './next-step.ts';
import { providerLinks } from './provider-links.ts';

export const signInPage = definePage({
  path: 'sign-in',
  access: 'signed_out',
  body: Login,
  errors: ['invalid_credentials', 'account_disabled', 'email_unverified', 'rate_limited'],
  sentenceOf: { invalid_credentials: 'sign_in_failed' },
  message: ({ sign_in }) => ({ title: sign_in.title, paragraphs: [] }),
  read: async ({ ctx }) => ({ asked: passkeyLogin.options(ctx), providers: ctx.providers }),
  form: (view, { asked, providers }) => {
    const { button, passkey: label } = view.texts.sign_in;
    const byPasskey = passkeyForm(view, { kind: 'get', page: 'passkey', asked, label, autofill: true });
    return html`${form(emailField(view), passwordField(view), submit(button))}${byPasskey}${providerLinks(view, providers)}`;
  },
  ways: ({ texts }) => [
    { label: texts.forgot_password.title, page: 'forgot-password' },
    { label: texts.sign_up.title, page: 'sign-up' },
    { label: texts.request_verification.title, page: 'request-verification' },
  ],
  submit: async (visit, body) => signedIn(visit, () => login.start(visit.ctx, body)),
});
