import { channel } from 'node:diagnostics_channel';
import type { FastifyInstance, InjectOptions, RouteOptions } from 'fastify';
import { buildApp, type Overrides } from '../../src/app/app.ts';
import type { Auth } from '../../src/app/fastify.d.ts';
import { claimsOf, type TestApi, type TestUser, testConfig } from './api.ts';
import type { Ids } from './product-tests.ts';
import { propertiesOf } from './schemas.ts';
import { facts } from './test-product.ts';

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
  /** True for a body that is a JSON object. */
  is_json: boolean;
}

/** Every route that the application registers, those of its plugins too, and more that a test mounts. */
export async function liveRoutes(
  environment: Record<string, string> = {},
  overrides: Pick<Overrides, 'routes' | 'filePurposes'> = {},
): Promise<LiveRoute[]> {
  const found: RouteOptions[] = [];
  const watch = (message: unknown): void => {
    // The channel's message is documented: the instance before its first route.
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', (route) => void found.push(route));
  };
  const made = channel('fastify.initialization');
  made.subscribe(watch);
  const config = testConfig('postgresql://nobody@127.0.0.1:1/none', { LOG_LEVEL: 'silent', ...environment });
  const app = await buildApp(config, overrides);
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
export async function operations(overrides: Pick<Overrides, 'routes' | 'filePurposes'> = {}): Promise<Operation[]> {
  const routes = await liveRoutes({}, overrides);
  return routes
    .filter(({ method, hidden }) => method !== 'HEAD' && method !== 'OPTIONS' && !hidden)
    .map((route) => {
      const { consumes = ['application/json'] } = route.schema as { consumes?: string[] };
      return {
        ...route,
        name: `${route.method} ${route.url}`,
        example: examplesOf(route)[0],
        is_form: consumes.includes(FORM),
        is_json: isObjectSchema(route.schema.body) && consumes.includes('application/json'),
      };
    });
}

/** What makes things. */
type Hands = Pick<TestApi, 'request' | 'sql' | 'admin'>;

const FORM = 'application/x-www-form-urlencoded';

/** False for a picture or a file, whose body is described by media types or not at all. */
function isObjectSchema(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'properties' in schema;
}

/** The bodies that a route's schema gives as examples. */
export function examplesOf({ schema }: LiveRoute): Record<string, unknown>[] {
  // A body's schema is a plain object by Fastify's definition.
  return (schema.body as { examples?: Record<string, unknown>[] } | undefined)?.examples ?? [];
}

/** The words before the ids of a path, from left to right: of `/clubs/:id/books/:book_id` clubs and books. */
export function collectionsOf({ url }: Pick<LiveRoute, 'url'>): string[] {
  return [...url.matchAll(/([\w-]+)\/:\w+/g)].map(([, collection = '']) => collection);
}

/** The path with ids by the collection that stands before each: `/items/:id` takes `ids.items`. */
function pathOf(url: string, ids: Ids): string {
  return url.replace(/([\w-]+)\/:(\w+)/g, (_match, collection: string) => {
    const id = ids[collection];
    if (id === undefined)
      throw new Error(`${url}: no test makes ${collection}; say how in tests/product.ts, things.${collection}.make`);
    return `${collection}/${id}`;
  });
}

/** The same id for every collection that a path names. */
export function idsEverywhere(known: readonly Operation[], id: string): Record<string, string> {
  return Object.fromEntries(known.flatMap(collectionsOf).map((collection) => [collection, id]));
}

/** The collections whose things a body refers to, as tests/product.ts says it. */
function referredBy({ name }: Pick<Operation, 'name'>): string[] {
  const read = new Set<string>();
  const ids = new Proxy<Record<string, string>>(
    {},
    {
      get: (_target, key) => {
        read.add(String(key));
        return NOBODY.id;
      },
    },
  );
  facts.bodies[name]?.({ user: NOBODY, ids });
  return [...read];
}

/**
 * Ids of what belongs to a user: itself, its session, and one of each thing that a path names by an id. A thing is made as
 * tests/product.ts says, or by the `POST` to its collection with the example body, once what it stands in is made.
 */
export async function idsOf(
  user: TestUser,
  { known, api, wanted }: { known: readonly Operation[]; api: Hands; wanted?: readonly string[] },
): Promise<Record<string, string>> {
  // Not every thing is for an account whose address nobody has proved.
  await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
  const ids: Record<string, string> = { users: user.id, sessions: String(claimsOf(user.access_token).sid) };
  const makers = known.filter(({ method, url }) => method === 'POST' && /\/[\w-]+$/.test(url));
  for (;;) {
    const kinds = wanted === undefined ? known.flatMap(collectionsOf) : withNeeds(wanted, makers);
    const missing = [...new Set(kinds)].filter((collection) => !(collection in ids));
    const isReady = (operation: Operation, collection: string): boolean =>
      operation.url.endsWith(`/${collection}`) &&
      [...collectionsOf(operation), ...referredBy(operation)].every((needed) => needed in ids);
    const steps = missing.flatMap((collection) => {
      if (facts.things[collection]?.make !== undefined) return [];
      const operation = makers.find((maker) => isReady(maker, collection));
      return operation === undefined ? [] : [{ collection, operation }];
    });
    const [step] = steps;
    // What only the product can make may need any of the others; one after the other, in the order of its words.
    const told = Object.keys(facts.things).find((name) => missing.includes(name) && facts.things[name]?.make);
    if (step !== undefined) ids[step.collection] = await makeBy(step.operation, { user, ids, api });
    else if (told !== undefined) ids[told] = (await facts.things[told]?.make?.({ user, ids }, api)) ?? '';
    else return ids;
  }
}

/** The kinds, and those that things of these kinds stand in or refer to. */
function withNeeds(kinds: readonly string[], makers: readonly Operation[]): string[] {
  return kinds.flatMap((kind) => {
    const maker = makers.find(({ url }) => url.endsWith(`/${kind}`));
    const needs = maker === undefined ? [] : [...collectionsOf(maker), ...referredBy(maker)];
    return [...withNeeds(needs, makers), kind];
  });
}

/**
 * The way to the ids of things of some kinds that a user has, each made when it is asked for first, with all that it stands in
 * or refers to: `const things = thingsOf('projects')`, then `(await things(user, api)).projects`. Generated tests call it.
 * @public
 */
export function thingsOf(...wanted: string[]): (user: TestUser, api: Hands) => Promise<Record<string, string>> {
  const made = new WeakMap<TestUser, Promise<Record<string, string>>>();
  return (user, api) => {
    const ids = made.get(user) ?? operations().then((known) => idsOf(user, { known, api, wanted }));
    made.set(user, ids);
    return ids;
  };
}

async function makeBy(
  operation: Operation,
  { user, ids, api }: { user: TestUser; ids: Ids; api: Pick<TestApi, 'request' | 'admin'> },
): Promise<string> {
  const { access_token: token } = operation.auth === 'admin' ? await api.admin() : user;
  const made = await api.request({ ...requestTo(operation, { ids, user }), token });
  const id: unknown = made.statusCode === 201 ? made.json().id : undefined;
  if (typeof id === 'string') return id;
  const help = `say in tests/product.ts what the body is (bodies['${operation.name}']) or how a thing is made (things)`;
  throw new Error(`${operation.name} makes nothing of its own example; ${help}: ${made.body}`);
}

/** What else a call says than its operation does. */
export interface Call {
  ids?: Ids;
  /** Whose address and tokens stand in the example body. */
  user?: TestUser;
  /** Members of the body in place of the example's. */
  change?: Record<string, unknown>;
}

let fresh = 0;

/** A request to the operation with its example body, made true for the user. */
export function requestTo(
  { name, method, url, schema, example, is_form }: Operation,
  { ids = {}, user, change }: Call = {},
): InjectOptions {
  const target = { method: method as 'POST', url: pathOf(url, ids) };
  const own = facts.bodies[name]?.({ user: user ?? NOBODY, ids });
  if (own !== undefined && 'bytes' in own && Buffer.isBuffer(own.bytes))
    return { ...target, headers: { 'content-type': String(own.type) }, payload: own.bytes };
  if (example === undefined && own === undefined) return target;
  const opens = Object.keys(schema.response ?? {}).includes('201');
  const email = opens ? `fresh-${++fresh}@example.com` : (user?.email ?? NOBODY.email);
  const said: Record<string, unknown> = { email, username: email, refresh_token: user?.refresh_token ?? 'x.y.z' };
  const members = Object.entries(example ?? {}).map(([name, value]) => [name, said[name] ?? value]);
  const body = { ...Object.fromEntries(members), ...own, ...change };
  if (!is_form) return { ...target, payload: body };
  const text = Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]);
  return { ...target, headers: { 'content-type': FORM }, payload: new URLSearchParams(text).toString() };
}

const NOBODY: TestUser = {
  id: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d',
  email: 'nobody@example.com',
  access_token: 'x.y.z',
  refresh_token: 'x.y.z',
};

/** True for what stands in a thing of which a stranger must not know. */
export function isHidden(operation: Operation): boolean {
  return collectionsOf(operation).some((name) => (facts.things[name]?.seenBy ?? 'owner') !== 'everybody');
}

/** True for a list that is read in pages. */
export function isPaged({ method, schema }: Operation): boolean {
  const names = propertiesOf(schema.querystring).map(([name]) => name);
  return method === 'GET' && names.includes('limit') && names.includes('cursor');
}
