import type { FastifyInstance, FastifySchema, RouteHandlerMethod, RouteOptions } from 'fastify';
import { Id } from '../../app/schemas/common.ts';
import { Type } from '../../app/schemas/type.ts';
import * as rows from '../../app/services/admin/rows.ts';

/** What is below it does what the API's own path does, and records it. */
const ROWS = '/console/rows';
/** The list of a resource, or one of its rows. */
const PATH = /^(\/[\w-]+)(\/:id)?$/;

const METHODS = ['POST', 'PATCH', 'DELETE'] as const;

/** What the console records of a resource. */
export interface Recorded {
  methods: (typeof METHODS)[number][];
  /** True if a row may be created for another user. */
  can_own: boolean;
}

/** A change of a row that the console can repeat. */
interface Change {
  method: Recorded['methods'][number];
  path: string;
  service: rows.RowService;
}

/**
 * For each route of `app` that says by which service it writes a row, a route of the console that does the same and records it;
 * one that creates rows of its caller takes their owner too. The API's own route stays as it is. Gives what is recorded by the
 * path of the list, which grows as routes are added.
 */
export function recordRows(app: FastifyInstance, inConsole: FastifyInstance): ReadonlyMap<string, Recorded> {
  const recorded = new Map<string, Recorded>();
  app.addHook('onRoute', (route) => {
    const change = changeOf(route);
    if (change === undefined) return;
    const { method, path } = change;
    const { methods, can_own } = recorded.get(path) ?? { methods: [], can_own: false };
    const hasOwner = method === 'POST' && isOwned(route.schema);
    recorded.set(path, { methods: [...methods, method], can_own: can_own || hasOwner });
    inConsole.route({
      method,
      url: ROWS + route.url,
      config: configOf(route, hasOwner ? ['user_not_found', 'conflict'] : []),
      schema: schemaOf(route, hasOwner),
      handler: handlerOf(change),
    });
  });
  return recorded;
}

/** What the route changes, at the first level of the product's paths: the console's lists are there. */
function changeOf({ url, method, config }: RouteOptions): Change | undefined {
  const [, path, one] = PATH.exec(url) ?? [];
  const written = METHODS.find((name) => name === method);
  const service = config?.writes;
  if (path === undefined || written === undefined || service === undefined) return undefined;
  const isOfList = one === undefined;
  return isOfList === (written === 'POST') ? { method: written, path, service } : undefined;
}

/** What comes in is validated by the schema of the API's own route. */
function handlerOf({ method, ...change }: Change): RouteHandlerMethod {
  if (method === 'POST')
    return async ({ ctx, actor, body }, reply) => {
      const { owner_id, ...input } = body as { owner_id?: string };
      return reply.code(201).send(await rows.create(ctx, actor, { ...change, input, owner_id }));
    };
  if (method === 'PATCH')
    return async ({ ctx, actor, params, body }) =>
      rows.update(ctx, actor, { ...change, input: { ...(params as { id: string }), ...(body as object) } });
  return async ({ ctx, actor, params }, reply) => {
    await rows.remove(ctx, actor, { ...change, input: (params as { id: string }).id });
    return reply.code(204).send(null);
  };
}

function configOf({ config }: RouteOptions, more: readonly ('user_not_found' | 'conflict')[]) {
  const { errors = [], fresh, limit } = config ?? {};
  return { auth: 'admin', errors: [...errors, ...more], ...(fresh && { fresh }), ...(limit && { limit }) } as const;
}

/** What the route validates, with the owner if it takes one. Its words for the document belong to the API. */
function schemaOf({ schema = {} }: RouteOptions, hasOwner: boolean): FastifySchema {
  const { operationId, params, body, response } = schema;
  const properties = { owner_id: Type.Optional(Id), ...propertiesOf(body) };
  return {
    hide: true,
    // By which a limit of the route counts: here and there together.
    ...(operationId !== undefined && { operationId }),
    ...(params !== undefined && { params }),
    ...(body !== undefined && { body: hasOwner ? { ...(body as object), properties } : body }),
    response,
  };
}

/** True for a route that answers with the owner of the row and does not ask for it: the caller is the owner. */
function isOwned({ body, response }: FastifySchema = {}): boolean {
  const answered = propertiesOf((response as Record<string, unknown> | undefined)?.[201]);
  return 'owner_id' in answered && !('owner_id' in propertiesOf(body));
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  return (schema as { properties?: Readonly<Record<string, unknown>> } | undefined)?.properties ?? {};
}
