import { closed, Id } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as factors from '../../../app/services/auth/factors.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import { form, hidden } from '../fields.ts';
import { definePage, type View, visitorOf } from '../page.ts';
import { timeOf } from '../times.ts';

const FactorRemovalForm = Type.Object({ factor_id: Id }, { ...closed, title: 'FactorRemovalForm' });

export const authenticatorPage = definePage({
  path: 'authenticator',
  access: 'fresh',
  body: FactorRemovalForm,
  errors: ['factor_not_found'],
  message: ({ authenticator }) => ({ title: authenticator.title, paragraphs: [authenticator.text] }),
  read: async (visit) => ({
    ...(await factors.list(visit.ctx, visitorOf(visit))),
    now: visit.ctx.clock.now(),
  }),
  form: (view, { items, recovery_codes_left, now }) => {
    const { authenticator, recovery_codes } = view.texts;
    const active = items.filter(({ is_active }) => is_active);
    const codes = html`<p>${recovery_codes.left(recovery_codes_left)} <a href="${view.pathOf('recovery-codes')}">${recovery_codes.title}</a></p>
`;
    return html`${
      active.length > 0
        ? html`<ul class="rows">
${active.map((factor) => factorRow(view, factor, now))}</ul>
${codes}`
        : html`<p class="note">${authenticator.none}</p>
`
    }<p><a class="button" href="${view.pathOf('add-authenticator')}">${authenticator.add}</a></p>`;
  },
  submit: async (visit, { factor_id }) => {
    await factors.remove(visit.ctx, visitorOf(visit), { id: factor_id });
    return { goTo: 'authenticator' };
  },
});

function factorRow(view: View, { id, name, last_used_at }: factors.FactorView, now: Date): Html {
  const { remove } = view.texts.authenticator;
  const removal = form(
    hidden('factor_id', id),
    html`<button class="danger small" aria-label="${remove}: ${name}">${remove}</button>
`,
  );
  return html`<li>
<div><strong>${name}</strong>
<p class="help">${last_used_at === null ? '' : timeOf(view, new Date(last_used_at), now)}</p></div>
${removal}</li>
`;
}
