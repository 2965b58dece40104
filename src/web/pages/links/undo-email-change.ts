import { LinkProof } from '../../../app/schemas/auth/secure-account.ts';
import * as emailChange from '../../../app/services/auth/email-change.ts';
import { form, linkFields, submit } from '../fields.ts';
import { definePage } from '../page.ts';

export const undoEmailChangePage = definePage({
  path: 'undo-email-change',
  body: LinkProof,
  errors: ['one_time_token_invalid'],
  message: ({ undo_email_change }) => ({ title: undo_email_change.title, paragraphs: [undo_email_change.text] }),
  form: (view) => form(linkFields(view), submit(view.texts.undo_email_change.button)),
  submit: async (
    {
      ctx,
      view: {
        texts: { undo_email_change: texts, forgot_password },
      },
    },
    body,
  ) => {
    await emailChange.undo(ctx, body);
    const ways = [{ label: forgot_password.enter_code, page: 'reset-password' }];
    return { title: texts.done_title, paragraphs: [texts.done], ways };
  },
});
