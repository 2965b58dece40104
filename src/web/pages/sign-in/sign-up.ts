import { Registration } from '../../../app/schemas/auth/registration.ts';
import * as registration from '../../../app/services/auth/registration.ts';
import { html } from '../../../app/utils/html.ts';
import { emailField, field, form, newPasswordField, submit } from '../fields.ts';
import { definePage } from '../page.ts';
import { signedIn } from './next-step.ts';
import { providerLinks } from './provider-links.ts';

export const signUpPage = definePage({
  path: 'sign-up',
  access: 'signed_out',
  body: Registration,
  errors: [
    'email_taken',
    'registration_closed',
    'password_too_short',
    'password_too_long',
    'password_too_common',
    'password_breached',
    'rate_limited',
  ],
  fieldOf: { email_taken: 'email' },
  message: ({ sign_up }) => ({ title: sign_up.title, paragraphs: [] }),
  read: async ({ ctx }) => ctx.providers,
  form: (view, providers) => {
    const name = { name: 'name', label: view.texts.labels.name, autocomplete: 'name', optional: true } as const;
    const byPassword = form(
      emailField(view),
      newPasswordField(view),
      field(view, name),
      submit(view.texts.sign_up.button),
    );
    return html`${byPassword}${providerLinks(view, providers)}`;
  },
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
