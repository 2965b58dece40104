import { EmailConfirmation } from '../../../app/schemas/auth/email-change.ts';
import * as emailChange from '../../../app/services/auth/email-change.ts';
import { form, proofFields, submit } from '../fields.ts';
import { definePage } from '../page.ts';

export const confirmEmailChangePage = definePage({
  path: 'confirm-email-change',
  body: EmailConfirmation,
  errors: ['one_time_token_invalid', 'email_taken'],
  message: ({ confirm_email_change }) => ({
    title: confirm_email_change.title,
    paragraphs: [confirm_email_change.text],
  }),
  form: (view) => form(proofFields(view), submit(view.texts.confirm_email_change.button)),
  submit: async (
    {
      ctx,
      view: {
        texts: { confirm_email_change: texts },
      },
    },
    body,
  ) => {
    const { email } = await emailChange.confirm(ctx, body);
    return { title: texts.done_title, paragraphs: [texts.done(email)] };
  },
});
