import { Reauthentication } from '../../../app/schemas/auth/reauthentication.ts';
import { closed } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as passkeyLogin from '../../../app/services/auth/passkey-login.ts';
import { reauthenticate } from '../../../app/services/auth/reauthentication.ts';
import * as sessionProof from '../../../app/services/auth/session-proof.ts';
import { html } from '../../../app/utils/html.ts';
import { appCodeField, form, passwordField, submit } from '../fields.ts';
import { definePage, missing, visitorOf } from '../page.ts';
import { passkeyForm, passkeyNote } from '../passkey-form.ts';

const ConfirmForm = Type.Object(Reauthentication.properties, { ...closed, title: 'ConfirmForm' });

/** Proves a person once more before what protects the account is changed, and goes on to that page. */
export const confirmPage = definePage({
  path: 'confirm',
  access: 'signed_in',
  body: ConfirmForm,
  errors: ['invalid_credentials', 'reauthentication_required', 'rate_limited'],
  fieldOf: { invalid_credentials: 'password' },
  message: ({ confirm }) => ({ title: confirm.title, paragraphs: [confirm.text] }),
  read: async (visit) => {
    const { methods } = await sessionProof.findProof(visit.ctx, visitorOf(visit));
    return { methods, asked: passkeyLogin.options(visit.ctx) };
  },
  form: (view, { methods, asked }) => {
    const { confirm } = view.texts;
    const passkey = { kind: 'get', page: 'confirm', asked, label: confirm.passkey } as const;
    const byPasskey = methods.includes('passkey') ? passkeyForm(view, passkey) : [];
    if (methods.includes('totp')) return html`${form(appCodeField(view), submit(confirm.button))}${byPasskey}`;
    if (methods.includes('password')) return html`${form(passwordField(view), submit(confirm.button))}${byPasskey}`;
    const note = html`<p class="note">${confirm.sign_in_again}</p>
`;
    return methods.includes('passkey') ? html`${passkeyNote(view)}${byPasskey}` : note;
  },
  submit: async (visit, body) => {
    const actor = visitorOf(visit);
    if (body.code === undefined && body.password === undefined && body.credential === undefined) {
      const { methods } = await sessionProof.findProof(visit.ctx, actor);
      throw missing(methods.includes('totp') ? 'code' : 'password');
    }
    await reauthenticate(visit.ctx, actor, body);
    return { goTo: visit.view.next };
  },
});
