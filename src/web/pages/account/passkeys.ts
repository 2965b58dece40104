import { closed, Id } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as passkeys from '../../../app/services/auth/passkeys.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import { form, hidden } from '../fields.ts';
import { definePage, type View, visitorOf } from '../page.ts';
import { timeOf } from '../times.ts';

const PasskeyRemovalForm = Type.Object({ passkey_id: Id }, { ...closed, title: 'PasskeyRemovalForm' });
/** More than an account can have. */
const SHOWN = 50;

export const passkeysPage = definePage({
  path: 'passkeys',
  access: 'fresh',
  body: PasskeyRemovalForm,
  errors: ['passkey_not_found', 'last_login_method'],
  message: ({ passkeys }) => ({ title: passkeys.title, paragraphs: [passkeys.text] }),
  read: async (visit) => ({
    ...(await passkeys.list(visit.ctx, visitorOf(visit), { limit: SHOWN })),
    now: visit.ctx.clock.now(),
  }),
  form: (view, { items, now }) => {
    const { passkeys } = view.texts;
    const none = html`<p class="note">${passkeys.none}</p>
`;
    const list = html`<ul class="rows">
${items.map((passkey) => passkeyRow(view, passkey, now))}</ul>
`;
    return html`${items.length > 0 ? list : none}<p><a class="button" href="${view.pathOf('add-passkey')}">${passkeys.add}</a></p>`;
  },
  submit: async (visit, { passkey_id }) => {
    await passkeys.remove(visit.ctx, visitorOf(visit), { id: passkey_id });
    return { goTo: 'passkeys' };
  },
});

function passkeyRow(view: View, { id, name, last_used_at, backed_up }: passkeys.PasskeyView, now: Date): Html {
  const { passkeys } = view.texts;
  const removal = form(
    hidden('passkey_id', id),
    html`<button class="danger small" aria-label="${passkeys.remove}: ${name}">${passkeys.remove}</button>
`,
  );
  const used = last_used_at === null ? [] : [timeOf(view, new Date(last_used_at), now)];
  const kept = backed_up ? [html`${used.length > 0 ? ' · ' : ''}${passkeys.backed_up}`] : [];
  return html`<li>
<div><strong>${name}</strong>
<p class="help">${[...used, ...kept]}</p></div>
${removal}</li>
`;
}
