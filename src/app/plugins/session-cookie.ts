import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '../config.ts';
import { ActivatedFactor } from '../schemas/auth/factors.ts';
import { CreatedPasskey } from '../schemas/auth/passkeys.ts';
import { TOKEN_MAX_LENGTH, TokenPair } from '../schemas/auth/tokens.ts';
import { AppError } from '../utils/errors.ts';
import { requireSameOrigin } from './same-origin.ts';
import { createSessionCookie } from './session-cookie/cookie.ts';

export { createSessionCookie };

export interface SessionCookieOptions extends Pick<Config, 'cors_origins'> {
  /** Where this API is seen from outside: its scheme names the cookie, its origin is trusted. */
  public_url: string;
}

/** Answers that carry a refresh token. */
const WITH_TOKEN: ReadonlySet<unknown> = new Set([TokenPair, ActivatedFactor, CreatedPasskey]);

/**
 * The cookie transport of browsers. With `X-Session: cookie` a refresh token goes into a cookie that no script reads, and not
 * into the body. Two routes read the cookie: those with `sessionCookie`. They take it only from a page of this host, or of one
 * of CORS_ORIGINS, since a browser sends it by itself.
 */
export const sessionCookiePlugin = fastifyPlugin<SessionCookieOptions>(async (app, { public_url, cors_origins }) => {
  const { origin: own } = new URL(public_url);
  const origins = { own, others: cors_origins.filter((origin) => origin !== '*') };
  const cookie = createSessionCookie({ isSecure: own.startsWith('https:') });
  app.decorateRequest('sessionCookie', undefined);

  app.addHook('onRoute', (route) => {
    if (answersToken(route)) route.preSerialization = [moveToken, ...[route.preSerialization ?? []].flat()];
    if (!route.config?.sessionCookie) return;
    route.onRequest = [read, ...[route.onRequest ?? []].flat()];
    if (route.schema?.body !== undefined) route.preValidation = [asBody, ...[route.preValidation ?? []].flat()];
    route.onSend = [clear, ...[route.onSend ?? []].flat()];
  });

  function moveToken(request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done): void {
    const isAsked = request.headers['x-session'] === 'cookie' || request.sessionCookie !== undefined;
    if (isAsked && hasRefreshToken(payload)) {
      const { refresh_token, ...rest } = payload;
      reply.header('set-cookie', cookie.write(refresh_token, app.ctx.clock.now()));
      done(null, rest);
    } else done(null, payload);
  }

  /** The token in a body wins, and so does a bearer token; nothing of the request needs the cookie then. */
  async function read(request: FastifyRequest): Promise<void> {
    const { headers, routeOptions } = request;
    const isToldOtherwise = routeOptions.schema?.body ? hasBody(request) : headers.authorization !== undefined;
    const found = isToldOtherwise ? undefined : cookie.read(headers.cookie);
    if (found === undefined) return;
    requireSameOrigin(request, origins);
    request.sessionCookie = found;
    // The schema of the body would speak of a body that there is not.
    if (found.length > TOKEN_MAX_LENGTH) throw new AppError('token_invalid');
  }

  async function asBody(request: FastifyRequest): Promise<void> {
    if (request.sessionCookie !== undefined) request.body = { refresh_token: request.sessionCookie };
  }

  /** A cookie that is refused, or whose session was ended, is of no further use. */
  function clear(request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done): void {
    const isEnded = reply.statusCode === 204 && cookie.read(request.headers.cookie) !== undefined;
    const isRefused = reply.statusCode === 401 && request.sessionCookie !== undefined;
    if (isEnded || isRefused) reply.header('set-cookie', cookie.clear());
    done(null, payload);
  }
});

type Done = (error: null, payload: unknown) => void;

/** True for a route whose answer carries a refresh token, if only sometimes: it reads `X-Session`. */
export function answersToken({ schema }: Pick<RouteOptions, 'schema'>): boolean {
  return Object.values(schema?.response ?? {}).some((answer) => WITH_TOKEN.has(answer));
}

function hasRefreshToken(payload: unknown): payload is { refresh_token: string } {
  return typeof payload === 'object' && payload !== null && 'refresh_token' in payload;
}

/** By its headers, so that it is known before the body is read (RFC 9112 §6.3). */
function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
