import type { FastifyInstance, preParsingHookHandler, preValidationHookHandler, RouteOptions } from 'fastify';

/** The methods whose body Fastify reads. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

interface Hooks {
  preParsing: preParsingHookHandler;
  preValidation: preValidationHookHandler;
}

/** True for a route that reads a body, even if it ignores it. */
export function readsBody({ method }: Pick<RouteOptions, 'method'>): boolean {
  return [method].flat().some((name) => WITH_BODY.has(name));
}

/** Adds a hook to the routes that read a body, before their own; a read has no use for it and is not slowed down by it. */
export function addBodyHook<Name extends keyof Hooks>(app: FastifyInstance, name: Name, hook: Hooks[Name]): void {
  app.addHook('onRoute', (route) => {
    if (readsBody(route)) Object.assign(route, { [name]: [hook, ...[route[name] ?? []].flat()] });
  });
}
