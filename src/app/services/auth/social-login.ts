import { and, eq } from 'drizzle-orm';
import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { identities } from '../../models/auth/identities.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import * as audit from '../system/audit.ts';
import { appRedirects, publicUrl } from '../system/mail-links.ts';
import { isChallenge } from './second-factor.ts';
import * as sessions from './sessions.ts';
import * as accounts from './social-login/accounts.ts';
import * as codes from './social-login/codes.ts';
import { challengeOf, type Flow, newFlow, sealFor, unsealFlow, unsealLink } from './social-login/flow.ts';
import type { Profile, Provider } from './social-login/provider.ts';
import type { TokenPair } from './token-pair.ts';

export { challengeOf };

/** Where the browser goes next, and the sealed state that it carries there, or that is done with. */
export interface Departure {
  location: string;
  flow: string;
}

/** What an app asks for, or the link address that was made for it. */
export interface Start {
  provider: string;
  redirect_to?: string;
  /** The page of ours that the browser comes back to, in place of an app's address; no request names it. */
  own_page?: string;
  code_challenge?: string;
  link?: string;
  /** The session that a link address must be of, if the browser shows one. */
  session_id?: string;
}

/** What the provider sends the browser back with. */
export interface Return {
  provider: string;
  /** What this browser keeps. */
  flows: readonly string[];
  query: Fields;
}

type Fields = Readonly<Record<string, string | undefined>>;

/** The refusals that the app is told in the address it gets the browser back by. */
export const TOLD = [
  'identity_confirmation_required',
  'identity_taken',
  'account_disabled',
  'email_missing',
  'registration_closed',
  'session_ended',
] as const;

/** The providers that are configured. */
export async function list({ providers }: Pick<RequestContext, 'providers'>) {
  return { items: providers.list() };
}

/**
 * Begins a sign-in, or the linking that a link address stands for. Throws provider_not_found, validation_failed,
 * one_time_token_invalid for a link address, service_unavailable if the provider does not answer.
 */
export async function start(ctx: RequestContext, { provider: id, link, ...asked }: Start): Promise<Departure> {
  const provider = ctx.providers.get(id);
  const flow = newFlow(link === undefined ? signInOf(ctx, id, asked) : await linkOf(ctx, id, { ...asked, link }));
  return { location: await provider.authorizationUrl(flow), flow: sealFor(ctx, 'flow', flow) };
}

/** The address of ours that begins to link an identity in the browser; it ends with the caller's session. */
export function linkAddress(
  ctx: RequestContext,
  actor: Actor,
  { provider, redirect_to }: { provider: string; redirect_to?: string },
): string {
  const { id } = ctx.providers.get(provider);
  const link = sealLink(ctx, actor, { provider: id, redirect_to: requireRedirect(ctx, redirect_to) });
  return `${publicUrl(ctx.config)}/auth/oauth/${id}/start?${new URLSearchParams({ link })}`;
}

/** The mark of an address that links an identity and leads back to a page of ours. Throws provider_not_found. */
export function linkFor(
  ctx: RequestContext,
  actor: Actor,
  { provider, own_page }: { provider: string; own_page: string },
): string {
  const { id } = ctx.providers.get(provider);
  return sealLink(ctx, actor, { provider: id, redirect_to: own_page });
}

/**
 * The address of the app that the browser goes back to: with a code, or with the reason of a refusal. Throws
 * oauth_state_invalid unless this browser began the sign-in, and for one that came back before.
 */
export async function callback(ctx: RequestContext, { provider, query, flows }: Return): Promise<Departure> {
  const { id } = ctx.providers.get(provider);
  for (const sealed of flows) {
    const flow = unsealFlow(ctx, id, sealed);
    if (flow === undefined || flow.state !== query.state) continue;
    if (!(await codes.claim(ctx, flow.id))) break;
    return { location: await wayBack(ctx, { flow, query }), flow: sealed };
  }
  throw new AppError('oauth_state_invalid');
}

/** The address of the callback with what a provider posted. Throws provider_not_found. */
export function callbackAddress({ config, providers }: RequestContext, { provider, query }: Omit<Return, 'flows'>) {
  const { id } = providers.get(provider);
  const { state, code, iss, error } = query;
  return `${publicUrl(config)}/auth/oauth/${id}/callback?${new URLSearchParams(definedOf({ state, code, iss, error }))}`;
}

/**
 * Starts a session by the code of a callback. Throws one_time_token_invalid, which a wrong verifier spends the code with,
 * account_disabled, email_unverified, mfa_required, mfa_enrollment_required.
 */
export async function exchange(
  ctx: RequestContext,
  proof: { code: string; code_verifier: string },
): Promise<TokenPair> {
  return counted(ctx, async () => {
    const { identity_id } = await codes.spend(ctx, proof);
    return startSession(ctx, identity_id);
  });
}

/**
 * Starts a session by an id token that a native app got from the provider. Throws one_time_token_invalid for one that does not
 * hold, service_unavailable, and what a sign-in throws.
 */
export async function signInByIdToken(
  ctx: RequestContext,
  { provider: id, id_token, nonce }: { provider: string; id_token: string; nonce: string },
): Promise<TokenPair> {
  const provider = ctx.providers.get(id);
  const { verifyIdToken } = provider;
  if (verifyIdToken === undefined) throw new AppError('provider_not_found');
  return counted(ctx, async () => {
    const profile = await verifyIdToken(id_token, nonce);
    try {
      return await startSession(ctx, await accounts.admit(ctx, { provider, profile }));
    } catch (error) {
      if (error instanceof AppError && isTold(error)) await recordRefusal(ctx, error, id);
      throw error;
    }
  });
}

/** Removes what is left of sign-ins that are too old to come back. */
export async function removeExpired(ctx: Pick<RequestContext, 'db'>): Promise<void> {
  await codes.removeExpired(ctx);
}

function sealLink(
  ctx: RequestContext,
  { user, session_id }: Actor,
  address: { provider: string; redirect_to: string },
): string {
  return sealFor(ctx, 'link', { ...address, id: newId(), user_id: user.id, session_id });
}

function signInOf(ctx: RequestContext, provider: string, asked: Omit<Start, 'provider'>) {
  const { redirect_to, own_page, code_challenge } = asked;
  if (code_challenge === undefined) throw missing('code_challenge');
  return { provider, code_challenge, redirect_to: own_page ?? requireRedirect(ctx, redirect_to) };
}

async function linkOf(ctx: RequestContext, provider: string, asked: { link: string; session_id?: string }) {
  const address = unsealLink(ctx, provider, asked.link);
  const isOfOther = asked.session_id !== undefined && asked.session_id !== address?.session_id;
  if (address === undefined || isOfOther || !(await codes.claim(ctx, address.id)))
    throw new AppError('one_time_token_invalid');
  const { redirect_to, user_id, session_id } = address;
  return { provider, redirect_to, link: { user_id, session_id } };
}

async function wayBack(ctx: RequestContext, { flow, query }: { flow: Flow; query: Fields }): Promise<string> {
  const { provider: id } = flow;
  const provider = ctx.providers.get(id);
  const back = (found: Record<string, string>): string => withQuery(flow.redirect_to, found);
  if (query.error !== undefined)
    return back({ error: query.error === 'access_denied' ? 'access_denied' : 'provider_error' });
  const profile = await redeemed(provider, new URLSearchParams(definedOf(query)), flow);
  if (profile === undefined) return back({ error: 'provider_error' });
  try {
    const { link, code_challenge } = flow;
    if (link !== undefined) {
      await accounts.link(ctx, { provider, profile }, link);
      return back({ linked: id });
    }
    const identity_id = await accounts.admit(ctx, { provider, profile });
    return back({ code: await codes.issue(ctx, { ...flow, identity_id, code_challenge: code_challenge ?? '' }) });
  } catch (error) {
    if (!(error instanceof AppError) || !isTold(error)) throw error;
    await recordRefusal(ctx, error, id);
    return back({ error: error.code });
  }
}

function requireRedirect({ config }: Pick<RequestContext, 'config'>, asked: string | undefined): string {
  const allowed = appRedirects(config);
  const found = asked === undefined ? allowed[0] : allowed.find((one) => one === asked);
  if (found === undefined)
    throw new AppError('validation_failed', {
      field: 'redirect_to',
      rule: { msg: 'must be one of OAUTH_REDIRECTS', type: 'redirect_to' },
    });
  return found;
}

/** `undefined` for a provider that does not answer, or does not tell the truth; both are in the log. */
async function redeemed(
  provider: Provider,
  query: URLSearchParams,
  flow: Parameters<Provider['redeem']>[1],
): Promise<Profile | undefined> {
  try {
    return await provider.redeem(query, flow);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

async function startSession(ctx: RequestContext, identity_id: string): Promise<TokenPair> {
  const { id, email, locale, role, password_version, has_factor, is_active, email_verified_at } = users;
  const [user] = await ctx.db
    .select({ id, email, locale, role, password_version, has_factor, is_active, email_verified_at })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.user_id))
    .where(and(eq(identities.id, identity_id), isOpen));
  if (user === undefined) throw new AppError('one_time_token_invalid');
  const isUnproved = ctx.config.email_verification === 'required' && user.email_verified_at === null;
  if (!user.is_active || isUnproved) {
    const reason = user.is_active ? 'email_unverified' : 'account_disabled';
    await audit.record(ctx, { event: 'login.failed', subject_id: user.id, details: { reason } });
    throw new AppError(reason);
  }
  const pair = await sessions.start(ctx, user, ['fed']);
  if (pair === undefined) throw new AppError('one_time_token_invalid');
  return pair;
}

async function counted(ctx: RequestContext, signIn: () => Promise<TokenPair>): Promise<TokenPair> {
  const { logins_total } = ctx.metrics;
  try {
    const pair = await signIn();
    logins_total.inc('succeeded');
    return pair;
  } catch (error) {
    logins_total.inc(outcomeOf(error));
    throw error;
  }
}

function outcomeOf(error: unknown): 'challenged' | 'failed' | 'refused' {
  if (!(error instanceof AppError) || error.code === 'service_unavailable') return 'refused';
  return isChallenge(error) ? 'challenged' : 'failed';
}

async function recordRefusal(ctx: RequestContext, { code: reason }: AppError, provider: string): Promise<void> {
  await audit.record(ctx, { event: 'login.failed', subject_id: null, details: { reason, provider } });
}

function withQuery(address: string, fields: Record<string, string>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(fields)) url.searchParams.append(name, value);
  return url.href;
}

function definedOf(query: Fields): Record<string, string> {
  return Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function missing(field: string): AppError {
  return new AppError('validation_failed', { field, rule: { msg: 'Field required', type: 'missing' } });
}

function isTold({ code }: AppError): boolean {
  return TOLD.some((told) => told === code);
}
