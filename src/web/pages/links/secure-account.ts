import { LinkProof } from '../../../app/schemas/auth/secure-account.ts';
import * as secureAccount from '../../../app/services/auth/secure-account.ts';
import { form, linkFields, submit } from '../fields.ts';
import { definePage } from '../page.ts';

export const secureAccountPage = definePage({
  path: 'secure-account',
  body: LinkProof,
  errors: ['one_time_token_invalid'],
  message: ({ secure_account }) => ({ title: secure_account.title, paragraphs: [secure_account.text] }),
  form: (view) => form(linkFields(view), submit(view.texts.secure_account.button)),
  submit: async (
    {
      ctx,
      view: {
        texts: { secure_account: texts, forgot_password },
      },
    },
    body,
  ) => {
    await secureAccount.secure(ctx, body);
    const ways = [{ label: forgot_password.enter_code, page: 'reset-password' }];
    return { title: texts.done_title, paragraphs: [texts.done], ways };
  },
});
