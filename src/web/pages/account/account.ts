import { closed } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as sessions from '../../../app/services/auth/sessions.ts';
import { html } from '../../../app/utils/html.ts';
import { breakable } from '../layout.ts';
import { definePage, type View, type Visitor, visitorOf } from '../page.ts';

/** The way out of every page is a form of this one. */
const SignOutForm = Type.Object({ sign_out: Type.Literal('yes') }, { ...closed, title: 'SignOutForm' });

/** The pages of the account, in the order in which people need them. */
const entriesOf = ({ texts }: View, { has_providers }: { has_providers: boolean }) => [
  { page: 'profile', label: texts.profile.title },
  { page: 'password', label: texts.password.title },
  { page: 'email', label: texts.email.title },
  { page: 'devices', label: texts.devices.title },
  { page: 'authenticator', label: texts.authenticator.title },
  { page: 'passkeys', label: texts.passkeys.title },
  ...(has_providers ? [{ page: 'identities', label: texts.identities.title }] : []),
  { page: 'delete', label: texts.delete.title },
];

/** The account itself: whose it is, its pages, and the way out. */
export const accountPage = definePage({
  path: '',
  access: 'signed_in',
  body: SignOutForm,
  errors: [],
  message: ({ account }) => ({ title: account.title, paragraphs: [] }),
  read: async (visit): Promise<Visitor & { has_providers: boolean }> => ({
    ...visitorOf(visit).user,
    has_providers: visit.ctx.providers.list().length > 0,
  }),
  form: (view, user) => {
    const { account, request_verification } = view.texts;
    const unverified = html`<p class="note">${account.unverified} <a href="${view.pathOf('request-verification')}">${request_verification.title}</a></p>
`;
    return html`<p class="who">${user.name ?? breakable(user.email)}${user.name === null ? [] : html`<span>${breakable(user.email)}</span>`}</p>
${user.email_verified ? [] : unverified}<ul class="pages">
${entriesOf(view, user).map(
  ({ page, label }) => html`<li><a href="${view.pathOf(page)}">${label}</a></li>
`,
)}</ul>`;
  },
  submit: async (visit) => {
    await sessions.endCurrent(visit.ctx, visitorOf(visit));
    return { goTo: 'sign-in', session: null };
  },
});
