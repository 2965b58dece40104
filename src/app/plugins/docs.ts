import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyContextConfig, FastifyInstance, FastifySchema } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import { product } from '../product.ts';
import { problemResponses } from '../schemas/problems.ts';
import { STATUS_CODES } from '../utils/http-status.ts';
import { serveFromMemory } from './memory-files.ts';

const DESCRIPTION = `${product.description}

Errors are \`application/problem+json\` (RFC 9457): branch on \`code\`, show \`detail\`.
Lists are pages: pass \`next_cursor\` as \`cursor\` until it is null.`;

/** The pages load everything from this host: they work offline and send no data to others. */
const PAGE_CSP = {
  'default-src': "'self'",
  'base-uri': "'none'",
  'connect-src': "'self'",
  'frame-ancestors': "'none'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'worker-src': "'self' blob:",
};

/** The files that the page of Swagger UI loads. */
const UI_FILES = [
  'index.css',
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'favicon-16x16.png',
  'favicon-32x32.png',
];

const require = createRequire(import.meta.url);
const KIT_TAGS = ['Accounts', 'Sessions', 'Administration', 'System'];

const REDOC_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${product.name}</title><link rel="icon" href="data:,"></head>
<body style="margin:0"><redoc spec-url="openapi.json"></redoc><script src="redoc/redoc.standalone.js"></script></body>
</html>
`;

/** Collects the routes that follow into one OpenAPI 3.1 document; register it before them. */
export const openapiPlugin = fastifyPlugin<Pick<Config, 'root_path'>>(async (app, { root_path }) => {
  const tokenUrl = `${root_path}/auth/token`;
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: product.name,
        description: DESCRIPTION,
        version: packageJson.version,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: root_path || '/' }],
      tags: [...product.tags, ...KIT_TAGS].map((name) => ({ name })),
      components: {
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
    transform: ({ schema, url, route }) => ({ schema: withErrors(schema, route.config), url }),
    // The type covers both versions; this document is an OpenAPI 3 one.
    transformObject: (document) =>
      'openapiObject' in document ? hoistTitled(document.openapiObject) : document.swaggerObject,
  });
});

/** `/docs` (Swagger UI), `/redoc` and `/openapi.json`. */
export async function docsPagesPlugin(app: FastifyInstance): Promise<void> {
  const ui = dirname(require.resolve('@fastify/swagger-ui/static/swagger-ui.css'));
  const bundles = dirname(require.resolve('redoc/bundles/redoc.standalone.js'));
  app.addHook(
    'onRequest',
    serveFromMemory({
      ...Object.fromEntries(UI_FILES.map((name) => [`/docs/static/${name}`, ui])),
      '/redoc/redoc.standalone.js': bundles,
    }),
  );
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Relative links hold behind a proxy that takes a prefix away.
    indexPrefix: '.',
    staticCSP: PAGE_CSP,
    uiConfig: {
      persistAuthorization: false,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      url: '/openapi.json',
    },
    theme: { title: product.name, css: [{ filename: 'theme.css', content: '.swagger-ui .topbar { display: none }' }] },
  });

  let document: string | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(document);
  });

  await app.register(async (redoc) => {
    await redoc.register(fastifyStatic, { root: bundles, serve: false, decorateReply: true });
    const csp = Object.entries(PAGE_CSP)
      .map((rule) => rule.join(' '))
      .join('; ');
    redoc.get('/redoc', { schema: { hide: true } }, async (_request, reply) =>
      reply.header('content-security-policy', csp).type('text/html; charset=utf-8').send(REDOC_PAGE),
    );
    redoc.get('/redoc/redoc.standalone.js', { schema: { hide: true } }, async (_request, reply) =>
      reply.sendFile('redoc.standalone.js'),
    );
  });
}

function withErrors(schema: FastifySchema, { auth, errors = [] }: Partial<FastifyContextConfig> = {}): FastifySchema {
  const security = auth === undefined || auth === 'public' ? {} : { security: [{ oauth2: [] }, { bearer: [] }] };
  // Fastify defines a schema's responses as a plain record.
  const response = (schema?.response ?? {}) as Record<string, unknown>;
  return { ...schema, ...security, response: { ...problemResponses(errors), ...response } };
}

/** Moves every titled schema into `components`, so that a generated client has one type for it, and describes successes. */
function hoistTitled<T extends object>(document: T): T {
  const schemas: Record<string, unknown> = {};
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, named(key, visit(value))]));
    if (typeof copy.title !== 'string' || copy.type !== 'object') return copy;
    schemas[copy.title] = copy;
    return { $ref: `#/components/schemas/${copy.title}` };
  };
  const { components, ...rest } = visit(document) as { components?: object };
  // The document keeps its type: only schemas became references.
  return { ...rest, components: { ...components, schemas } } as T;
}

function named(key: string, node: unknown): unknown {
  const isUnnamed =
    typeof node === 'object' && node !== null && 'description' in node && node.description === 'Default Response';
  return isUnnamed ? { ...node, description: STATUS_CODES[key] ?? 'Success' } : node;
}
