import { channel } from 'node:diagnostics_channel';
import type { FastifyInstance, InjectOptions, RouteOptions } from 'fastify';
import { buildApp } from '../../src/app/app.ts';
import type { Auth } from '../../src/app/fastify.d.ts';
import { claimsOf, type TestApi, type TestUser, testConfig } from './api.ts';

/** A route as the running application has it. */
export interface LiveRoute {
  method: string;
  url: string;
  auth: Auth | undefined;
  /** Left out of the OpenAPI document. */
  hidden: boolean;
  schema: NonNullable<RouteOptions['schema']>;
  errors: readonly string[];
  /** The longest body in bytes that the route reads. */
  bodyLimit: number;
}

/** A route that the OpenAPI document describes, with a body that its schema calls an example. */
export interface Operation extends LiveRoute {
  name: string;
  example: Record<string, unknown> | undefined;
  is_form: boolean;
}

/** Every route that the application registers, those of its plugins too. */
export async function liveRoutes(environment: Record<string, string> = {}): Promise<LiveRoute[]> {
  const found: RouteOptions[] = [];
  const watch = (message: unknown): void => {
    // The channel's message is documented: the instance before its first route.
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', (route) => void found.push(route));
  };
  const made = channel('fastify.initialization');
  made.subscribe(watch);
  const config = testConfig('postgresql://nobody@127.0.0.1:1/none', { LOG_LEVEL: 'silent', ...environment });
  const app = await buildApp(config);
  made.unsubscribe(watch);
  await app.ready();
  await app.close();
  return found.flatMap(({ method, url, config, schema = {}, bodyLimit = 0 }) =>
    [method].flat().map((method) => ({
      method,
      url,
      auth: config?.auth,
      hidden: 'hide' in schema && schema.hide === true,
      schema,
      errors: config?.errors ?? [],
      bodyLimit,
    })),
  );
}

/** The documented operations, from the live routes, so that a new one is covered without a word in a test. */
export async function operations(): Promise<Operation[]> {
  const routes = await liveRoutes();
  return routes
    .filter(({ method, hidden }) => method !== 'HEAD' && method !== 'OPTIONS' && !hidden)
    .map((route) => ({
      ...route,
      name: `${route.method} ${route.url}`,
      example: examplesOf(route)[0],
      is_form: 'consumes' in route.schema,
    }));
}

/** The bodies that a route's schema gives as examples. */
export function examplesOf({ schema }: LiveRoute): Record<string, unknown>[] {
  // A body's schema is a plain object by Fastify's definition.
  return (schema.body as { examples?: Record<string, unknown>[] } | undefined)?.examples ?? [];
}

/** The path with ids by the collection that stands before each: `/items/:id` takes `ids.items`. */
function pathOf(url: string, ids: Readonly<Record<string, string>>): string {
  return url.replace(/(\w+)\/:(\w+)/g, (_match, collection: string, name: string) => {
    const id = ids[collection];
    if (id === undefined) throw new Error(`${url}: the test makes no ${collection} for :${name} yet`);
    return `${collection}/${id}`;
  });
}

/** The same id for every collection that a path names. */
export function idsEverywhere(known: readonly Operation[], id: string): Record<string, string> {
  const collections = known.flatMap(({ url }) =>
    [...url.matchAll(/(\w+)\/:\w+/g)].map(([, collection = '']) => collection),
  );
  return Object.fromEntries(collections.map((collection) => [collection, id]));
}

/** Ids of what belongs to a user: itself, its session, and one of each resource that the API lets it create, by the example. */
export async function idsOf(
  user: TestUser,
  { known, request }: { known: readonly Operation[]; request: TestApi['request'] },
): Promise<Record<string, string>> {
  const ids: Record<string, string> = { users: user.id, sessions: String(claimsOf(user.access_token).sid) };
  for (const operation of known) {
    const [, collection] = /^\/(\w+)$/.exec(operation.url) ?? [];
    if (operation.method !== 'POST' || operation.auth !== 'user' || collection === undefined) continue;
    const made = await request({ ...requestTo(operation, { user }), token: user.access_token });
    if (made.statusCode !== 201) throw new Error(`${operation.name} does not take its own example: ${made.body}`);
    ids[collection] = made.json().id;
  }
  return ids;
}

/** What else a call says than its operation does. */
export interface Call {
  ids?: Readonly<Record<string, string>>;
  /** Whose address and tokens stand in the example body. */
  user?: TestUser;
  /** Members of the body in place of the example's. */
  change?: Record<string, unknown>;
}

let fresh = 0;

/** A request to the operation with its example body, made true for the user. */
export function requestTo(
  { method, url, schema, example, is_form }: Operation,
  { ids = {}, user, change }: Call = {},
): InjectOptions {
  const target = { method: method as 'POST', url: pathOf(url, ids) };
  if (example === undefined) return target;
  const opens = Object.keys(schema.response ?? {}).includes('201');
  const email = opens ? `fresh-${++fresh}@example.com` : (user?.email ?? 'nobody@example.com');
  const facts: Record<string, unknown> = { email, username: email, refresh_token: user?.refresh_token ?? 'x.y.z' };
  const known = Object.entries(example).map(([name, value]) => [name, facts[name] ?? value]);
  const body = { ...Object.fromEntries(known), ...change };
  if (!is_form) return { ...target, payload: body };
  const text = Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]);
  return {
    ...target,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(text).toString(),
  };
}
