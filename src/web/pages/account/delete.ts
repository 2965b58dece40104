import { AccountClosing } from '../../../app/schemas/auth/account.ts';
import * as account from '../../../app/services/auth/account.ts';
import { html } from '../../../app/utils/html.ts';
import { form, passwordField } from '../fields.ts';
import { definePage, type Visitor, visitorOf } from '../page.ts';

export const deletePage = definePage({
  path: 'delete',
  access: 'signed_in',
  body: AccountClosing,
  errors: ['invalid_credentials', 'reauthentication_required', 'last_admin', 'conflict', 'rate_limited'],
  fieldOf: { invalid_credentials: 'password' },
  message: ({ delete: texts }) => ({ title: texts.title, paragraphs: [texts.text] }),
  read: async (visit): Promise<Visitor> => visitorOf(visit).user,
  form: (view, user) =>
    form(
      user.has_password ? passwordField(view) : [],
      html`<button class="danger">${view.texts.delete.button}</button>
`,
    ),
  submit: async (visit, body) => {
    await account.close(visit.ctx, visitorOf(visit), body);
    const { done_title, done } = visit.view.texts.delete;
    return { title: done_title, paragraphs: [done], session: null };
  },
});
