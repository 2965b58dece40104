import { Registration } from '../../../app/schemas/auth/registration.ts';
import * as registration from '../../../app/services/auth/registration.ts';
import { emailField, field, form, newPasswordField, submit } from '../fields.ts';
import { definePage } from '../page.ts';
import { signedIn } from './next-step.ts';

export const signUpPage = definePage({
  path: 'sign-up',
  access: 'signed_out',
  body: Registration,
  errors: [
    'email_taken',
    'password_too_short',
    'password_too_long',
    'password_too_common',
    'password_breached',
    'rate_limited',
  ],
  fieldOf: { email_taken: 'email' },
  message: ({ sign_up }) => ({ title: sign_up.title, paragraphs: [] }),
  form: (view) =>
    form(
      emailField(view),
      newPasswordField(view),
      field(view, { name: 'name', label: view.texts.labels.name, autocomplete: 'name', optional: true }),
      submit(view.texts.sign_up.button),
    ),
  ways: ({ texts }) => [{ label: texts.sign_up.have_one, page: 'sign-in' }],
  submit: async (visit, body) => {
    const { ctx, view } = visit;
    const { sign_up, forgot_password } = view.texts;
    const pair = await registration.register(ctx, body);
    if (pair !== undefined) return signedIn(visit, async () => pair);
    const ways = [{ label: forgot_password.enter_code, page: 'verify' }];
    return {
      title: forgot_password.done_title,
      paragraphs: [sign_up.done(body.email), forgot_password.done_help],
      ways,
    };
  },
});
