import { EmailChange } from '../../../app/schemas/auth/email-change.ts';
import * as emailChange from '../../../app/services/auth/email-change.ts';
import { html } from '../../../app/utils/html.ts';
import { field, form, passwordField, submit } from '../fields.ts';
import { breakable } from '../layout.ts';
import { definePage, type Visitor, visitorOf } from '../page.ts';

export const emailPage = definePage({
  path: 'email',
  access: 'signed_in',
  body: EmailChange,
  errors: ['invalid_credentials', 'reauthentication_required', 'conflict', 'rate_limited'],
  fieldOf: { invalid_credentials: 'password' },
  message: ({ email }) => ({ title: email.title, paragraphs: [email.text] }),
  read: async (visit): Promise<Visitor> => visitorOf(visit).user,
  form: (view, user) => {
    const { labels, email } = view.texts;
    const next = { name: 'email', label: labels.new_email, type: 'email', autocomplete: 'email' } as const;
    return html`<p class="who">${breakable(user.email)}</p>
${form(field(view, next), user.has_password ? passwordField(view) : [], submit(email.button))}`;
  },
  submit: async (visit, body) => {
    const { pending_email } = await emailChange.request(visit.ctx, visitorOf(visit), body);
    const { forgot_password, email, account } = visit.view.texts;
    const ways = [
      { label: forgot_password.enter_code, page: 'confirm-email-change' },
      { label: account.title, page: '' },
    ];
    return { title: forgot_password.done_title, paragraphs: [email.done(pending_email)], ways };
  },
});
