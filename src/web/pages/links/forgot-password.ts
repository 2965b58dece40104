import { AddressRequest } from '../../../app/schemas/auth/one-time-tokens.ts';
import * as passwordReset from '../../../app/services/auth/password-reset.ts';
import { emailField, form, submit } from '../fields.ts';
import { definePage } from '../page.ts';

export const forgotPasswordPage = definePage({
  path: 'forgot-password',
  body: AddressRequest,
  errors: ['rate_limited'],
  message: ({ forgot_password }) => ({ title: forgot_password.title, paragraphs: [forgot_password.text] }),
  form: (view) => form(emailField(view), submit(view.texts.forgot_password.button)),
  submit: async (
    {
      ctx,
      view: {
        texts: { forgot_password: texts },
      },
    },
    body,
  ) => {
    await passwordReset.request(ctx, body);
    return {
      title: texts.done_title,
      paragraphs: [texts.done(body.email), texts.done_help],
      ways: [{ label: texts.enter_code, page: 'reset-password' }],
    };
  },
});
