import { createRequire } from 'node:module';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import { product } from '../product.ts';
import { CookieTransport } from '../schemas/auth/tokens.ts';
import { problemExamples, problemResponses } from '../schemas/problems.ts';
import { onFirstUse } from '../utils/later.ts';
import { rate, rateInWords } from '../utils/rates.ts';
import { withComponents } from './openapi/components.ts';
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

/** Collects the routes that follow into one OpenAPI 3.1 document, which is made when it is asked for; register it before them. */
export const openapiPlugin = fastifyPlugin<Pick<Config, 'root_path'>>(async (app, { root_path }) => {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  const hasFiles = Object.keys(app.ctx.filePurposes).length > 0;
  const swagger = onFirstUse(() => swaggerOf(app, routes, documentOptions(root_path, hasFiles, routes)));
  app.decorate('swagger', ((options: { yaml: boolean }) => swagger()(options)) as FastifyInstance['swagger']);
});

function documentOptions(
  root_path: string,
  hasFiles: boolean,
  routes: readonly RouteOptions[],
): FastifyDynamicSwaggerOptions {
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
    // The type covers both versions; this document is an OpenAPI 3 one.
    transformObject: (document) =>
      'openapiObject' in document ? withComponents(relaxed(document.openapiObject, routes)) : document.swaggerObject,
  };
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
