import { closed, Id } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as sessions from '../../../app/services/auth/sessions.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import { form, hidden } from '../fields.ts';
import { definePage, type View, visitorOf } from '../page.ts';
import { timeOf } from '../times.ts';

/** One of the sessions, or all but this one. */
const SessionEndForm = Type.Object(
  { session_id: Type.Optional(Id), others: Type.Optional(Type.Literal('yes')) },
  { ...closed, title: 'SessionEndForm' },
);
const SHOWN = 50;

export const devicesPage = definePage({
  path: 'devices',
  access: 'signed_in',
  body: SessionEndForm,
  errors: ['session_not_found'],
  message: ({ devices }) => ({ title: devices.title, paragraphs: [devices.text] }),
  read: async (visit) => {
    const actor = visitorOf(visit);
    const { items } = await sessions.list(visit.ctx, actor, { user_id: actor.user.id, limit: SHOWN });
    return { items, now: visit.ctx.clock.now() };
  },
  form: (view, { items, now }) => {
    const { devices } = view.texts;
    const others = html`${form(html`<button class="danger" name="others" value="yes">${devices.end_others}</button>
`)}`;
    return html`<ul class="rows">
${items.map((session) => sessionRow(view, session, now))}</ul>
${items.length > 1 ? others : []}`;
  },
  submit: async (visit, { session_id, others }) => {
    const { user, session_id: keep } = visitorOf(visit);
    if (session_id !== undefined) await sessions.end(visit.ctx, { user_id: user.id, id: session_id });
    else if (others !== undefined) await sessions.endAll(visit.ctx, { user_id: user.id, keep });
    return session_id === keep ? { goTo: 'sign-in', session: null } : { goTo: 'devices' };
  },
});

function sessionRow(view: View, { id, device, ip, current, last_used_at }: sessions.SessionView, now: Date): Html {
  const { devices } = view.texts;
  const end = form(
    hidden('session_id', id),
    html`<button class="second small" aria-label="${devices.end}: ${device}">${devices.end}</button>
`,
  );
  return html`<li>
<div><strong>${device}</strong>${current ? html` <span class="mark">${devices.current}</span>` : []}
<p class="help">${ip ?? ''} · ${timeOf(view, last_used_at, now)}</p></div>
${current ? [] : end}</li>
`;
}
