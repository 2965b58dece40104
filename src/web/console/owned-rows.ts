import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { Id } from '../../app/schemas/common.ts';
import * as ownedRows from '../../app/services/admin/owned-rows.ts';

/** What is below it creates a row of another user. */
const ROWS = '/console/rows';

interface ObjectSchema {
  properties: Readonly<Record<string, unknown>>;
  required?: readonly string[];
}

/**
 * For each route of `app` that says by which service it creates rows of its caller, a route of the console that takes their
 * owner too. The API's own route stays as it is. Gives the paths, which grow as routes are added.
 */
export function offerOwnedRows(app: FastifyInstance, inConsole: FastifyInstance): ReadonlySet<string> {
  const paths = new Set<string>();
  app.addHook('onRoute', (route) => {
    const creates = route.config?.creates;
    if (creates === undefined) return;
    paths.add(route.url);
    inConsole.route<{ Body: { owner_id: string } }>({
      method: 'POST',
      url: ROWS + route.url,
      config: configOf(route),
      schema: { hide: true, ...withOwner(route.schema) },
      handler: async ({ ctx, actor, body: { owner_id, ...row } }, reply) =>
        reply.code(201).send(await ownedRows.create(ctx, actor, { owner_id, row, creates, path: route.url })),
    });
  });
  return paths;
}

function configOf({ config }: RouteOptions): NonNullable<RouteOptions['config']> {
  const { errors = [], fresh } = config ?? {};
  return { auth: 'admin', errors: [...errors, 'user_not_found', 'conflict'], ...(fresh && { fresh }) };
}

/** The body of the route with an owner in it, and its answer. */
function withOwner({ body, response }: FastifySchema = {}): FastifySchema {
  // A route that creates a row takes an object.
  const { properties, required = [], ...rules } = body as ObjectSchema;
  return {
    body: { ...rules, properties: { owner_id: Id, ...properties }, required: ['owner_id', ...required] },
    response,
  };
}
