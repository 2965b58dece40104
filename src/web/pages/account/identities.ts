import { ProviderId } from '../../../app/schemas/auth/social-login.ts';
import { closed, Id } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as identities from '../../../app/services/auth/identities.ts';
import { linkFor } from '../../../app/services/auth/social-login.ts';
import { type Html, html } from '../../../app/utils/html.ts';
import { form, hidden } from '../fields.ts';
import { breakable } from '../layout.ts';
import { definePage, type Outcome, type View, type Visit, visitorOf } from '../page.ts';
import { returnAddress } from '../sign-in/provider.ts';
import { labelOf, providerPath } from '../sign-in/provider-links.ts';
import { timeOf } from '../times.ts';

/** One to unlink, or the provider to link an account of. */
const IdentitiesForm = Type.Object(
  { identity_id: Type.Optional(Id), provider: Type.Optional(ProviderId) },
  { ...closed, title: 'IdentitiesForm' },
);
const SHOWN = 50;

export const identitiesPage = definePage({
  path: 'identities',
  access: 'fresh',
  body: IdentitiesForm,
  errors: ['identity_not_found', 'provider_not_found', 'last_login_method'],
  message: ({ identities }) => ({ title: identities.title, paragraphs: [identities.text] }),
  read: async (visit) => ({
    ...(await identities.list(visit.ctx, visitorOf(visit), { limit: SHOWN })),
    providers: visit.ctx.providers,
    now: visit.ctx.clock.now(),
  }),
  form: (view, { items, providers, now }) => {
    const { identities } = view.texts;
    const none = html`<p class="note">${identities.none}</p>
`;
    const list = html`<ul class="rows">
${items.map((identity) => identityRow(view, { ...identity, label: labelOf(providers, identity.provider) }, now))}</ul>
`;
    const links = providers.list().map(
      ({ id, label }) => html`<button class="second" name="provider" value="${id}">${identities.link(label)}</button>
`,
    );
    return html`${items.length > 0 ? list : none}${links.length > 0 ? form(html`<div class="providers">${links}</div>`) : []}`;
  },
  submit: async (visit, { identity_id, provider }) => {
    if (identity_id !== undefined) await identities.remove(visit.ctx, visitorOf(visit), { id: identity_id });
    else if (provider !== undefined) return leaving(visit, provider);
    return { goTo: 'identities' };
  },
});

/** A page that goes on by itself, since the policy of the pages keeps a form from leading to another host. */
function leaving(visit: Visit, provider: string): Outcome {
  const { ctx, view } = visit;
  const { leaving_title, leaving } = view.texts.provider;
  const own = { ...view, next: '' };
  const link = linkFor(ctx, visitorOf(visit), { provider, own_page: returnAddress(ctx, own) });
  const label = labelOf(ctx.providers, provider);
  const at_once = providerPath(own, { provider, link });
  return {
    title: leaving_title(label),
    paragraphs: [leaving],
    content: html`<p><a class="button" href="${at_once}">${view.texts.provider.continue_with(label)}</a></p>
`,
    at_once,
  };
}

function identityRow(
  view: View,
  { id, label, email, created_at }: identities.IdentityView & { label: string },
  now: Date,
): Html {
  const { unlink } = view.texts.identities;
  const name = email === null ? label : `${label}, ${email}`;
  const removal = form(
    hidden('identity_id', id),
    html`<button class="danger small" aria-label="${unlink}: ${name}">${unlink}</button>
`,
  );
  return html`<li>
<div><strong>${label}</strong>
<p class="help">${email === null ? '' : html`${breakable(email)} · `}${timeOf(view, new Date(created_at), now)}</p></div>
${removal}</li>
`;
}
