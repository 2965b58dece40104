import { randomBytes } from 'node:crypto';
import { CodeExchange } from '../../../app/schemas/auth/social-login.ts';
import { closed } from '../../../app/schemas/common.ts';
import { Type } from '../../../app/schemas/type.ts';
import * as socialLogin from '../../../app/services/auth/social-login.ts';
import { publicUrl } from '../../../app/services/system/mail-links.ts';
import { AppError } from '../../../app/utils/errors.ts';
import { html } from '../../../app/utils/html.ts';
import { formTo, hidden, submit } from '../fields.ts';
import { definePage, type Outcome, type View, type Visit, type Way } from '../page.ts';
import type { Sentence } from '../problems.ts';
import { signedIn } from './next-step.ts';
import { labelOf } from './provider-links.ts';

/** Not `code`: of the codes that people type blanks and hyphens are left out. */
const ArrivalForm = Type.Object({ arrival: CodeExchange.properties.code }, { ...closed, title: 'ArrivalForm' });

/** The reasons that a callback gives for a refusal. */
const REASONS = ['access_denied', 'provider_error', ...socialLogin.TOLD] as const satisfies readonly Sentence[];

/**
 * The way to a provider and back. Its address leads there (`?provider=`, with `&link=` to link an identity), and the browser
 * comes back to it with `?code=`, `?linked=` or `?error=`. The code is exchanged by a form: the session's cookie is Strict, and
 * a GET starts no session.
 */
export const providerPage = definePage({
  path: 'provider',
  opened_by: 'sign-in',
  body: ArrivalForm,
  errors: ['one_time_token_invalid', 'account_disabled', 'email_unverified', 'rate_limited'],
  sentenceOf: {
    one_time_token_invalid: 'sign_in_expired',
    oauth_state_invalid: 'sign_in_expired',
    service_unavailable: 'provider_unavailable',
  },
  message: ({ provider }) => ({ title: provider.title, paragraphs: [] }),
  open: async (visit) => {
    const { provider, code, linked, error } = visit.query;
    if (provider !== undefined) return departure(visit, provider);
    if (code !== undefined) return arrival(visit.view, code);
    if (linked !== undefined) return linkedMessage(visit, linked);
    return error === undefined ? undefined : refusal(visit.view, error);
  },
  form: () => html``,
  ways: ({ texts, next }) => [
    { label: texts.sign_in.title, page: 'sign-in', next },
    { label: texts.request_verification.title, page: 'request-verification' },
  ],
  submit: async (visit, { arrival: code }) => {
    const { ctx, verifier } = visit;
    if (verifier === undefined) throw new AppError('one_time_token_invalid');
    const outcome = await signedIn(visit, () => socialLogin.exchange(ctx, { code, code_verifier: verifier }));
    return { ...outcome, verifier: null };
  },
});

/** The address of this page that a provider's answer leads back to, in the reader's language. */
export function returnAddress({ config }: Pick<Visit['ctx'], 'config'>, { pathOf, next }: View): string {
  return new URL(pathOf(providerPage.path, next), publicUrl(config)).href;
}

async function departure({ ctx, view, actor, query, verifier: kept }: Visit, provider: string): Promise<Outcome> {
  const { link } = query;
  if (link !== undefined) {
    if (actor === undefined) throw new AppError('session_ended');
    return { departure: await socialLogin.start(ctx, { provider, link, session_id: actor.session_id }) };
  }
  if (actor !== undefined) return { goTo: view.next };
  // Sign-ins of two tabs have one: the cookie holds no second.
  const verifier = kept ?? randomBytes(32).toString('base64url');
  const asked = { provider, own_page: returnAddress(ctx, view), code_challenge: socialLogin.challengeOf(verifier) };
  return { departure: await socialLogin.start(ctx, asked), verifier };
}

/** The script posts the form at once. It names no query, so that a refusal is not sent again. */
function arrival({ texts, pathOf, next }: View, code: string): Outcome {
  const form = formTo(pathOf(providerPage.path, next), hidden('arrival', code), submit(texts.sign_in.button));
  const content = html`<div data-arrival>${form}</div>`;
  return { title: texts.provider.arrived_title, paragraphs: [texts.login_code.text], content };
}

/** Goes on by itself: the browser brings the session's cookie to a page that another one of ours leads to. */
function linkedMessage({ ctx, view }: Visit, id: string): Outcome {
  const { linked_title: title, linked } = view.texts.provider;
  const ways = [{ label: view.texts.identities.title, page: 'identities' }];
  return { title, paragraphs: [linked(labelOf(ctx.providers, id))], ways, at_once: view.pathOf('identities') };
}

function refusal({ texts, next }: View, told: string): Outcome {
  const reason = REASONS.find((known) => known === told) ?? 'provider_error';
  const signIn: Way = { label: texts.sign_in.title, page: 'sign-in', next };
  const isOfLink = reason === 'identity_taken';
  const toLink: Way = { label: texts.sign_in.title, page: 'sign-in', next: 'identities' };
  const signUp: Way = { label: texts.sign_up.title, page: 'sign-up', next };
  const ways: Partial<Record<Sentence, readonly Way[]>> = {
    identity_confirmation_required: [toLink, { label: texts.reset_password.title, page: 'forgot-password' }],
    email_missing: [signIn, signUp],
  };
  const identities: Way = { label: texts.identities.title, page: 'identities' };
  return {
    title: texts.problems.title,
    paragraphs: [texts.problems[reason]],
    ways: isOfLink ? [identities] : (ways[reason] ?? [signIn]),
  };
}
