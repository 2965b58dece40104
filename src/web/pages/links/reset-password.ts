import { PasswordReset } from '../../../app/schemas/auth/password-reset.ts';
import * as passwordReset from '../../../app/services/auth/password-reset.ts';
import { form, newPasswordField, proofFields, submit } from '../fields.ts';
import { definePage } from '../page.ts';

export const resetPasswordPage = definePage({
  path: 'reset-password',
  body: PasswordReset,
  errors: [
    'one_time_token_invalid',
    'password_too_short',
    'password_too_long',
    'password_too_common',
    'password_breached',
  ],
  message: ({ reset_password }) => ({ title: reset_password.title, paragraphs: [reset_password.text] }),
  form: (view) => form(proofFields(view), newPasswordField(view), submit(view.texts.reset_password.button)),
  ways: ({ texts: { reset_password } }) => [{ label: reset_password.renew, page: 'forgot-password' }],
  submit: async (
    {
      ctx,
      view: {
        texts: { reset_password },
      },
    },
    body,
  ) => {
    await passwordReset.reset(ctx, body);
    return { title: reset_password.done_title, paragraphs: [reset_password.done] };
  },
});
