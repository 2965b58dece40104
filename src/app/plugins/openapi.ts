import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyDynamicSwaggerOptions, SwaggerTransformObject } from '@fastify/swagger';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import { product } from '../product.ts';
import { CookieTransport } from '../schemas/auth/tokens.ts';
import { problemExamples, problemResponses } from '../schemas/problems.ts';
import { onFirstUse } from '../utils/later.ts';
import { rate, rateInWords } from '../utils/rates.ts';
import { createComponents, withComponents } from './openapi/components.ts';
import { answersToken } from './session-cookie.ts';

const require = createRequire(import.meta.url);

const DESCRIPTION = `${product.description}

Errors are \`application/problem+json\` (RFC 9457): branch on \`code\`, show \`detail\`.
Lists are pages: pass \`next_cursor\` as \`cursor\` until it is null.`;

const KIT_TAGS = {
  Accounts: 'Registration, login and the own account',
  Sessions: 'Refresh, logout and the own sessions',
  'Second factors': 'Authenticator apps, recovery codes and recent proofs',
  'Social login': 'Sign-ins with a provider: Google, Microsoft, Apple, GitHub, any OpenID Connect issuer',
  Passkeys: 'Passkeys of an account, and logins by them',
  Administration: 'Users and audit events, for administrators',
  System: 'Health, metrics and public keys',
};

/** Of a product with uploads. */
const FILE_TAGS = { Files: 'Uploads, and where their contents are' };

/** Each takes some milliseconds. */
const ROUTES_A_TURN = 2;

interface OpenApi {
  paths: Record<string, object>;
  components: { schemas: object };
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI document, made at the first call, beside other requests. */
    openapi: () => Promise<object>;
  }
}

/** Collects the routes that follow into one OpenAPI 3.1 document, which is made when it is asked for; register it before them. */
export const openapiPlugin = fastifyPlugin<Pick<Config, 'root_path'>>(async (app, { root_path }) => {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  const hasFiles = Object.keys(app.ctx.filePurposes).length > 0;
  const options = documentOptions(root_path, hasFiles);
  const swagger = onFirstUse(() => swaggerOf(app, routes, { ...options, transformObject: transformIn(routes) }));
  app.decorate('swagger', ((options: { yaml: boolean }) => swagger()(options)) as FastifyInstance['swagger']);
  const document = onFirstUse(() => makeInParts(app, routes, options));
  app.decorate('openapi', document);
});

/**
 * What `app.swagger()` gives, made a few routes in each turn of the event loop: at once it would keep all other requests waiting
 * for a quarter of a second.
 */
async function makeInParts(
  app: FastifyInstance,
  routes: readonly RouteOptions[],
  options: FastifyDynamicSwaggerOptions,
): Promise<object> {
  // Most of what the plugin loads, in a turn of its own.
  createRequire(require.resolve('@fastify/swagger'))('yaml');
  await nextTurn();
  const document = swaggerOf(app, [], options)() as OpenApi;
  const paths: Record<string, object> = {};
  for (let n = 0; n < routes.length; n += ROUTES_A_TURN) {
    await nextTurn();
    const some = routes.slice(n, n + ROUTES_A_TURN);
    const part = relaxed(swaggerOf(app, some, options)() as OpenApi, some);
    // Schemas with an `$id` have the numbers of their places in the whole document.
    if (Object.keys(part.components.schemas).length > 0) return app.swagger();
    for (const [path, item] of Object.entries(part.paths)) paths[path] = { ...paths[path], ...item };
  }
  const { moved, finished } = createComponents();
  for (const [path, item] of Object.entries(paths)) {
    await nextTurn();
    paths[path] = moved(item);
  }
  return finished({ ...document, paths });
}

function documentOptions(root_path: string, hasFiles: boolean): FastifyDynamicSwaggerOptions {
  const tokenUrl = `${root_path}/auth/token`;
  const known = { ...product.tags, ...KIT_TAGS, ...(hasFiles && FILE_TAGS) };
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: product.name,
        description: DESCRIPTION,
        version: packageJson.version,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: root_path || '/' }],
      tags: Object.entries(known).map(([name, description]) => ({ name, description })),
      components: {
        examples: problemExamples(),
        securitySchemes: {
          oauth2: {
            type: 'oauth2',
            description: 'Log in here; client id and secret stay empty',
            flows: { password: { tokenUrl, refreshUrl: tokenUrl, scopes: {} } },
          },
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Paste an access token' },
        },
      },
    },
    // The document alone needs the schemas of errors. As response schemas they would be compiled for every route and status.
    transform: ({ schema, url, route }) => ({ schema: documented(schema, route), url }),
  };
}

/** The whole document's; the type covers both versions, and this document is an OpenAPI 3 one. */
function transformIn(routes: readonly RouteOptions[]): SwaggerTransformObject {
  return (document) =>
    'openapiObject' in document ? withComponents(relaxed(document.openapiObject, routes)) : document.swaggerObject;
}

/** The document, in which a body that may be missing is not required; the plugin requires every one. */
function relaxed<T extends { paths?: object }>(document: T, routes: readonly RouteOptions[]): T {
  const optional = new Set(routes.filter(mayLackBody).map(({ schema }) => schema?.operationId));
  for (const path of Object.values(document.paths ?? {}))
    for (const { operationId, requestBody } of Object.values<Operation>(path))
      if (requestBody !== undefined && optional.has(operationId)) requestBody.required = false;
  return document;
}

interface Operation {
  operationId?: string;
  requestBody?: { required?: boolean };
}

/** True if the cookie of the session may stand for the body, or if no field of it is required. */
function mayLackBody({ schema, config }: RouteOptions): boolean {
  const words = Object.keys(schema?.body ?? {});
  return config?.sessionCookie === true || (words.length > 0 && !words.some((word) => DEMANDS.has(word)));
}

/** The words of JSON Schema by which an object refuses to be empty. */
const DEMANDS: ReadonlySet<string> = new Set(['required', 'minProperties', 'if', 'not', 'anyOf', 'oneOf', 'allOf']);

/**
 * What the plugin adds to an application as `swagger`. Registered as usual it would be loaded at the start, and it asks no
 * more of an application than this.
 */
function swaggerOf(
  app: FastifyInstance,
  routes: readonly RouteOptions[],
  options: FastifyDynamicSwaggerOptions,
): FastifyInstance['swagger'] {
  const { fastifySwagger } = require('@fastify/swagger') as typeof import('@fastify/swagger');
  const hooks: Record<string, (given?: unknown) => void> = {};
  let swagger = app.swagger;
  const collector = {
    getSchemas: () => app.getSchemas(),
    addHook: (name: string, hook: (given: unknown) => void) => {
      hooks[name] = hook;
    },
    decorate: (_name: string, added: FastifyInstance['swagger']) => {
      swagger = added;
    },
  };
  fastifySwagger(collector as unknown as FastifyInstance, options, () => {});
  for (const route of routes) hooks.onRoute?.(route);
  hooks.onReady?.(() => {});
  return swagger;
}

/** Adds what the route's rules say: who may call it, how often, and the errors. */
function documented(schema: FastifySchema | undefined, { config }: RouteOptions): FastifySchema {
  const { auth, errors = [], limit, refusalPage, console: inConsole } = config ?? {};
  const security = auth === undefined || auth === 'public' ? [] : [{ oauth2: [] }, { bearer: [] }];
  // Fastify defines a schema's responses as a plain record.
  const response = (schema?.response ?? {}) as Record<string, unknown>;
  const caller = auth === 'public' ? 'network' : 'user';
  const bound = limit === undefined ? [] : [`One ${caller} may call it ${rateInWords(rate(limit))}.`];
  const description = [schema?.description ?? [], bound].flat().join('\n\n');
  return {
    ...schema,
    ...(description !== '' && { description }),
    ...(answersToken({ schema: { response } }) && { headers: CookieTransport }),
    ...(inConsole !== undefined && { 'x-console': inConsole }),
    security,
    response: { ...problemResponses(errors, { asPage: refusalPage !== undefined }), ...response },
  };
}
