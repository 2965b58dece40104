import type { FastifyRequest } from 'fastify';
import type { Role } from './models/auth/users.ts';
import { inSpan } from './observability/trace.ts';
import { authenticate } from './services/auth/authentication.ts';
import * as authorization from './services/auth/authorization.ts';
import * as limits from './services/auth/limits.ts';
import { AppError } from './utils/errors.ts';

const BEARER = /^Bearer +([^\s,]+)$/i;

/** Guard of `auth: 'user'`: puts the caller into `request.actor`, or throws 401 or account_disabled. */
export async function currentUser(request: FastifyRequest): Promise<void> {
  const token = bearerToken(request.headers.authorization);
  request.actor = await inSpan('authentication.authenticate', () => authenticate(request.ctx, token));
}

/** Guard after currentUser: throws forbidden for a caller without the role. */
export function requireRole(role: Role): (request: FastifyRequest) => Promise<void> {
  return async ({ ctx, method, routeOptions }) =>
    authorization.requireRole(ctx, { role, operation: `${method} ${routeOptions.url}` });
}

/** Guard of routes that write, after currentUser: throws rate_limited for an account with too many writes. */
export async function countWrite({ ctx, actor }: FastifyRequest): Promise<void> {
  await limits.countWrite(ctx, actor);
}

/** The token of an Authorization header (RFC 6750 §2.1). Query and form parameters are not read. */
function bearerToken(header: string | undefined): string {
  const token = header === undefined ? undefined : BEARER.exec(header)?.[1];
  if (token !== undefined) return token;
  // A malformed bearer token is token_invalid; another scheme or no header is not_authenticated.
  throw new AppError(header !== undefined && /^Bearer\s+\S/i.test(header) ? 'token_invalid' : 'not_authenticated');
}
