import { PasswordChange } from '../../../app/schemas/auth/account.ts';
import * as account from '../../../app/services/auth/account.ts';
import { form, newPasswordField, passwordField, submit } from '../fields.ts';
import { definePage, type Visitor, visitorOf } from '../page.ts';

export const passwordPage = definePage({
  path: 'password',
  access: 'signed_in',
  body: PasswordChange,
  errors: [
    'invalid_credentials',
    'reauthentication_required',
    'password_too_short',
    'password_too_long',
    'password_too_common',
    'password_breached',
    'password_unchanged',
    'conflict',
    'rate_limited',
  ],
  fieldOf: { invalid_credentials: 'current_password' },
  message: ({ password }) => ({ title: password.title, paragraphs: [password.text] }),
  read: async (visit): Promise<Visitor> => visitorOf(visit).user,
  form: (view, user) =>
    form(
      user.has_password ? passwordField(view, 'current_password') : [],
      newPasswordField(view, 'new_password'),
      submit(view.texts.password.button),
    ),
  submit: async (visit, body) => {
    await account.changePassword(visit.ctx, visitorOf(visit), body);
    const { done_title, done } = visit.view.texts.password;
    return { title: done_title, paragraphs: [done], ways: [{ label: visit.view.texts.account.title, page: '' }] };
  },
});
