import type { FastifyInstance, RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { currentUser, requireFresh, requireRole, withinLimit, writingUser } from '../dependencies.ts';
import type { ErrorCodeName } from '../utils/error-codes.ts';
import { rate } from '../utils/rates.ts';
import { readsBody } from './body-hooks.ts';
import { canReadEarly, readEarly } from './early-reads.ts';

const GUARDS = { public: [], user: [currentUser], admin: [currentUser, requireRole('admin')] } as const;
const WRITE_GUARDS = { public: [], user: [writingUser()], admin: [writingUser('admin')] } as const;

const GUARD_ERRORS: Record<keyof typeof GUARDS, readonly ErrorCodeName[]> = {
  public: [],
  user: ['not_authenticated', 'token_invalid', 'token_expired', 'session_ended', 'account_disabled'],
  admin: ['not_authenticated', 'token_invalid', 'token_expired', 'session_ended', 'account_disabled', 'forbidden'],
};

/** A DELETE is not counted: it deletes what a counted request made, and a limit must not keep a session alive. */
const COUNTED = new Set(['POST', 'PUT', 'PATCH']);

/** Requires `config.auth` of every route, and adds the guards and the documented errors that follow from it. */
export const routeRulesPlugin = fastifyPlugin(async (app) => {
  app.addHook('onRoute', (route) => {
    const { auth, errors = [], uncounted = false, fresh = false, enrollment = false } = route.config ?? {};
    if (auth === undefined || !(auth in GUARDS))
      throw new Error(
        `${route.method} ${route.url} does not say who may call it: set config.auth to public, user or admin`,
      );
    const isCounted = auth !== 'public' && !uncounted && [route.method].flat().some((name) => COUNTED.has(name));
    const limits = ownLimit(route);
    // A request counts for a caller whose session is confirmed.
    if (auth !== 'public' && limits.length === 0 && !fresh && canReadEarly(route)) readEarly(route, auth);
    else {
      const guards = [...(isCounted ? WRITE_GUARDS : GUARDS)[auth], ...(fresh ? [requireFresh] : [])];
      route.onRequest = [...guards, ...limits, ...[route.onRequest ?? []].flat()];
    }
    route.config = {
      ...route.config,
      auth,
      errors: [
        ...GUARD_ERRORS[auth],
        ...inputErrors(route),
        ...(isCounted || limits.length > 0 ? (['rate_limited'] as const) : []),
        ...(fresh || auth === 'admin' ? (['reauthentication_required'] as const) : []),
        ...(enrollment ? (['mfa_token_invalid'] as const) : []),
        ...errors,
        'service_unavailable',
        'internal_error',
      ],
    };
  });
});

/** Collects the methods of every path, for `405` and `Allow` (RFC 9110 §15.5.6). */
export function trackMethods(app: FastifyInstance): (path: string) => readonly string[] {
  const methods = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    // CORS answers its preflights by it; it is the route of no path.
    if (url === '*') return;
    const known = methods.get(url) ?? { pattern: pathPattern(url), methods: new Set(['OPTIONS']) };
    for (const name of [method].flat()) known.methods.add(name);
    methods.set(url, known);
  });
  return (path) => {
    // Of two routes that know a path, the one that spells it out.
    const found = methods.get(path) ?? [...methods.values()].find(({ pattern }) => pattern.test(path));
    return found ? [...found.methods].sort() : [];
  };
}

/** The paths that a route's URL stands for: `:name` is one segment, a `*` at the end is any rest. */
function pathPattern(url: string): RegExp {
  const literal = url.replace(/\*$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const rest = url.endsWith('*') ? '.*' : '';
  return new RegExp(`^${literal.replace(/:[a-z_]+/g, '[^/]+')}${rest}$`);
}

/** The guard of the route's own limit; none without one. Throws for a limit that cannot be counted. */
function ownLimit({ method, url, config, schema }: RouteOptions): ReturnType<typeof withinLimit>[] {
  if (config?.limit === undefined) return [];
  const { operationId } = schema ?? {};
  if (operationId === undefined) throw new Error(`${method} ${url} has a limit and no operationId, by which it counts`);
  try {
    return [withinLimit(operationId, rate(config.limit))];
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${method} ${url}: config.limit ${problem}`, { cause });
  }
}

function inputErrors({ method, schema }: RouteOptions): ErrorCodeName[] {
  const errors: ErrorCodeName[] = ['malformed_request'];
  if (readsBody({ method })) errors.push('payload_too_large', 'unsupported_media_type');
  if (schema?.body || schema?.params || schema?.querystring) errors.push('validation_failed');
  return errors;
}
