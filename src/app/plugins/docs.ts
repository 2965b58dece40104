import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { product } from '../product.ts';
import { serveFromMemory } from './memory-files.ts';

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
const REDOC_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${product.name}</title><link rel="icon" href="data:,"></head>
<body style="margin:0"><redoc spec-url="openapi.json"></redoc><script src="redoc/redoc.standalone.js"></script></body>
</html>
`;

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

  // Bytes that all answers share: of a text each answer would have a copy, for as long as its client takes to read.
  let document: Buffer | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= Buffer.from(JSON.stringify(app.swagger()));
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
