import { InvitationAcceptance } from '../../../app/schemas/auth/invitations.ts';
import * as invitations from '../../../app/services/auth/invitations.ts';
import { field, form, linkFields, newPasswordField, submit } from '../fields.ts';
import { definePage } from '../page.ts';

export const acceptInvitationPage = definePage({
  path: 'accept-invitation',
  body: InvitationAcceptance,
  errors: [
    'one_time_token_invalid',
    'account_disabled',
    'password_too_short',
    'password_too_long',
    'password_too_common',
    'password_breached',
  ],
  message: ({ accept_invitation }) => ({ title: accept_invitation.title, paragraphs: [accept_invitation.text] }),
  form: (view) =>
    form(
      linkFields(view),
      newPasswordField(view),
      field(view, { name: 'name', label: view.texts.labels.name, autocomplete: 'name', optional: true }),
      submit(view.texts.accept_invitation.button),
    ),
  submit: async (
    {
      ctx,
      view: {
        texts: { accept_invitation: texts },
      },
    },
    body,
  ) => {
    await invitations.setFirstPassword(ctx, body);
    return { title: texts.done_title, paragraphs: [texts.done] };
  },
});
