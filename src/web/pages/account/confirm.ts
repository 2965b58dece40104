import { Type } from 'typebox';
import { Reauthentication } from '../../../app/schemas/auth/reauthentication.ts';
import { closed } from '../../../app/schemas/common.ts';
import { reauthenticate } from '../../../app/services/auth/reauthentication.ts';
import * as sessionProof from '../../../app/services/auth/session-proof.ts';
import { html } from '../../../app/utils/html.ts';
import { appCodeField, form, passwordField, submit } from '../fields.ts';
import { definePage, missing, visitorOf } from '../page.ts';

const ConfirmForm = Type.Object(Reauthentication.properties, { ...closed, title: 'ConfirmForm' });

/** Proves a person once more before what protects the account is changed, and goes on to that page. */
export const confirmPage = definePage({
  path: 'confirm',
  access: 'signed_in',
  body: ConfirmForm,
  errors: ['invalid_credentials', 'reauthentication_required', 'rate_limited'],
  fieldOf: { invalid_credentials: 'password' },
  message: ({ confirm }) => ({ title: confirm.title, paragraphs: [confirm.text] }),
  read: async (visit) => (await sessionProof.findProof(visit.ctx, visitorOf(visit))).methods,
  form: (view, methods) => {
    const { confirm } = view.texts;
    if (methods.includes('totp')) return form(appCodeField(view), submit(confirm.button));
    if (methods.includes('password')) return form(passwordField(view), submit(confirm.button));
    return html`<p class="note">${confirm.sign_in_again}</p>
`;
  },
  submit: async (visit, body) => {
    const actor = visitorOf(visit);
    if (body.code === undefined && body.password === undefined) {
      const { methods } = await sessionProof.findProof(visit.ctx, actor);
      throw missing(methods.includes('totp') ? 'code' : 'password');
    }
    await reauthenticate(visit.ctx, actor, body);
    return { goTo: visit.view.next };
  },
});
