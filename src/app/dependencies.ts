import type { FastifyRequest } from 'fastify';
import type { Actor } from './core.ts';
import type { Role } from './models/auth/users.ts';
import { inSpan } from './observability/trace.ts';
import { authenticate, type ClaimedUser, claimedUserOf, mayReadEarly } from './services/auth/authentication.ts';
import * as authorization from './services/auth/authorization.ts';
import * as enrollment from './services/auth/enrollment.ts';
import * as limits from './services/auth/limits.ts';
import * as sessionProof from './services/auth/session-proof.ts';
import type { AccessClaims } from './services/auth/tokens.ts';
import { AppError } from './utils/errors.ts';
import type { Rate } from './utils/rates.ts';

const BEARER = /^Bearer +([^\s,]+)$/i;
/** The spelling of nearly every client: it needs no regular expression. */
const USUAL = 'Bearer ';
const BLANK = 32;

/** The caller as the access token names it, beside the check of its session. */
export interface Claim {
  role: Role | undefined;
  user: ClaimedUser;
  /** False if the read begins after the check. */
  may_read_early: boolean;
  /** The caller by the session's row, or the refusal. */
  identity: Promise<Actor>;
}

const CLAIM = Symbol('claim');

declare module 'fastify' {
  interface FastifyRequest {
    [CLAIM]?: Claim;
  }
}

/** Guard of `auth: 'user'`: puts the caller into `request.actor`, or throws 401 or account_disabled. */
export async function currentUser(request: FastifyRequest): Promise<void> {
  request.actor = await callerOf(request);
}

/** Guard of a route that writes: currentUser, and requireRole for a role; throws rate_limited for an account with too many writes. */
export function writingUser(role?: Role): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const { ctx } = request;
    const token = bearerToken(request.headers.authorization);
    if (isEnrolling(request, token)) {
      request.actor = await enrollment.authenticate(ctx, token);
      return;
    }
    const claims = ctx.tokens.verifyAccess(token);
    const confirm = async (): Promise<void> => {
      request.actor = await identify(request, claims);
      if (role !== undefined) await requireRole(role)(request);
    };
    const { session_id, user_id } = claims;
    await limits.countWrite(ctx, { session_id, user_id, role, confirmed: confirm() });
  };
}

/** Guard of a route with a limit of its own, after the guard of its caller: throws rate_limited. */
export function withinLimit(operation: string, rate: Rate): (request: FastifyRequest) => Promise<void> {
  return ({ ctx }) => limits.countRequest(ctx, { operation, rate });
}

/**
 * For an answer that takes long: throws what the guard of the route would throw by now, for a session that has ended, an account
 * that is disabled or a role that was taken away. A public route has no caller to confirm.
 */
export async function confirmCaller({ ctx }: FastifyRequest): Promise<void> {
  if (ctx.actor === null) return;
  const { user, session_id } = ctx.actor;
  const found = await authenticate(ctx, { user_id: user.id, session_id, role: user.role });
  if (found.user.role !== user.role) throw new AppError('forbidden');
}

/** Guard of logins by mail: throws route_not_found without EMAIL_LOGIN=true. */
export async function emailLogin({ ctx }: FastifyRequest): Promise<void> {
  if (!ctx.config.email_login) throw new AppError('route_not_found');
}

/** The caller of a public route if it brings the access token of a living session, otherwise `undefined`. */
export async function findCaller(request: FastifyRequest): Promise<Actor | undefined> {
  if (request.headers.authorization === undefined) return undefined;
  try {
    const claims = request.ctx.tokens.verifyAccess(bearerToken(request.headers.authorization));
    return await identify(request, claims);
  } catch (error) {
    if (error instanceof AppError && error.code !== 'service_unavailable') return undefined;
    throw error;
  }
}

/**
 * Guard of a read that begins before its session is checked: puts the claimed caller into `request.actor`, or throws 401. It
 * calls back, since a promise that has nothing to wait for would cost every read a turn.
 */
export function claimedUser(request: FastifyRequest, _reply: unknown, done: (error?: Error) => void): void {
  const token = bearerToken(request.headers.authorization);
  if (isEnrolling(request, token)) {
    enrollment.authenticate(request.ctx, token).then((actor) => {
      request.actor = actor;
      done();
    }, done);
    return;
  }
  const claims = request.ctx.tokens.verifyAccess(token);
  const identity = identify(request, claims);
  identity.catch(ignore);
  if (request.trace !== undefined) request.trace.confirmed = identity;
  const user = claimedUserOf(claims);
  request[CLAIM] = { role: claims.role, user, may_read_early: mayReadEarly(request.ctx), identity };
  request.actor = { user: user.view, session_id: claims.session_id };
  done();
}

/** Its refusal is awaited by the handler, which a failure on the way there may keep from running. */
function ignore(): void {}

/** What claimedUser left. */
export function claimOf(request: FastifyRequest): Claim | undefined {
  return request[CLAIM];
}

/** Guard after currentUser: throws forbidden for a caller without the role, reauthentication_required for a session that does not reach it. */
export function requireRole(role: Role): (request: FastifyRequest) => Promise<void> {
  return async ({ ctx, actor, method, routeOptions }) => {
    await sessionProof.requireReach(ctx, actor, role);
    await authorization.requireRole(ctx, { role, operation: `${method} ${routeOptions.url}` });
  };
}

/** Guard of a route with `fresh`, after the caller's: throws reauthentication_required unless the caller's proof is recent. */
export async function requireFresh({ ctx, actor }: FastifyRequest): Promise<void> {
  await sessionProof.requireFresh(ctx, actor);
}

function callerOf(request: FastifyRequest): Promise<Actor> {
  if (request.sessionCookie !== undefined) return cookieCaller(request, request.sessionCookie);
  const token = bearerToken(request.headers.authorization);
  if (isEnrolling(request, token)) return enrollment.authenticate(request.ctx, token);
  return identify(request, request.ctx.tokens.verifyAccess(token));
}

/** The caller by the cookie of the session, which names it as an access token does. */
async function cookieCaller(request: FastifyRequest, cookie: string): Promise<Actor> {
  const { user_id, session_id } = request.ctx.tokens.verifyRefresh(cookie);
  return identify(request, { user_id, session_id, role: undefined });
}

/** True for a token that mfa_enrollment_required gave, on a route that knows it. */
function isEnrolling(request: FastifyRequest, token: string): boolean {
  return enrollment.isToken(token) && request.routeOptions.config.enrollment === true;
}

function identify(request: FastifyRequest, claims: AccessClaims): Promise<Actor> {
  return inSpan('authentication.authenticate', () => authenticate(request.ctx, claims));
}

/** The token of an Authorization header (RFC 6750 §2.1). Query and form parameters are not read. */
function bearerToken(header: string | undefined): string {
  // A text with a blank or a comma in it is no token either.
  if (header?.startsWith(USUAL) && header.length > USUAL.length && header.charCodeAt(USUAL.length) !== BLANK)
    return header.slice(USUAL.length);
  const token = header === undefined ? undefined : BEARER.exec(header)?.[1];
  if (token !== undefined) return token;
  // A malformed bearer token is token_invalid; another scheme or no header is not_authenticated.
  throw new AppError(header !== undefined && /^Bearer\s+\S/i.test(header) ? 'token_invalid' : 'not_authenticated');
}
