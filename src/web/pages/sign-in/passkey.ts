import { PasskeyLogin } from '../../../app/schemas/auth/passkeys.ts';
import * as passkeyLogin from '../../../app/services/auth/passkey-login.ts';
import { definePage } from '../page.ts';
import { passkeyForm } from '../passkey-form.ts';

export const passkeyPage = definePage({
  path: 'passkey',
  opened_by: 'sign-in',
  body: PasskeyLogin,
  errors: ['invalid_credentials', 'account_disabled', 'email_unverified', 'rate_limited'],
  sentenceOf: { invalid_credentials: 'passkey_failed' },
  message: ({ sign_in }) => ({ title: sign_in.title, paragraphs: [] }),
  read: async ({ ctx }) => passkeyLogin.options(ctx),
  form: (view, asked) => passkeyForm(view, { kind: 'get', page: 'passkey', asked, label: view.texts.sign_in.passkey }),
  ways: ({ texts }) => [{ label: texts.sign_in.title, page: 'sign-in' }],
  submit: async ({ ctx, view }, body) => ({ goTo: view.next, session: await passkeyLogin.login(ctx, body) }),
});
