import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { product } from '../product.ts';
import { onFirstUse } from '../utils/later.ts';
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

/** What the package of Swagger UI serves from its folder. */
const UI_FILES = [
  'csp.json',
  'favicon-16x16.png',
  'favicon-32x32.png',
  'index.css',
  'logo.svg',
  'oauth2-redirect.html',
  'oauth2-redirect.js',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'swagger-ui.css',
  'swagger-ui.js',
];

const THEME = { filename: 'theme.css', content: '.swagger-ui .topbar { display: none }' };
const HIDDEN = { schema: { hide: true } };

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
  await app.register(swaggerUiRoutes, { prefix: '/docs', ui });

  // Bytes that all answers share: of a text each answer would have a copy, for as long as its client takes to read.
  const document = onFirstUse(async () => Buffer.from(JSON.stringify(await app.openapi())));
  app.get('/openapi.json', HIDDEN, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(await document()),
  );

  const csp = policyOf(PAGE_CSP);
  app.get('/redoc', HIDDEN, async (_request, reply) =>
    reply.header('content-security-policy', csp).type('text/html; charset=utf-8').send(REDOC_PAGE),
  );
  // The hook has the file.
  app.get('/redoc/redoc.standalone.js', HIDDEN, async (_request, reply) => reply.callNotFound());
}

/**
 * The routes of @fastify/swagger-ui, with its page and its script. The plugin itself would load seventy modules at the start,
 * for files that are in memory here.
 */
async function swaggerUiRoutes(app: FastifyInstance, { ui }: { ui: string }): Promise<void> {
  const pages = onFirstUse(() => swaggerUiPages(ui));
  const csp = `${policyOf(PAGE_CSP)};`;
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', csp);
  });
  app.get('/', HIDDEN, async (request, reply) =>
    reply.type('text/html; charset=utf-8').send(pages().index(request.url)),
  );
  app.get('/json', HIDDEN, async () => app.openapi());
  app.get('/yaml', HIDDEN, async (_request, reply) =>
    reply.type('application/x-yaml').send(app.swagger({ yaml: true })),
  );
  app.get('/static/index.html', HIDDEN, async (request, reply) =>
    reply.redirect(request.url.replace(/\/static\/index\.html$/, '/')),
  );
  app.get('/static/swagger-initializer.js', HIDDEN, async (_request, reply) =>
    reply.type('application/javascript; charset=utf-8').send(pages().script),
  );
  app.get(`/static/theme/${THEME.filename}`, HIDDEN, async (_request, reply) =>
    reply.type('text/css; charset=UTF-8').send(THEME.content),
  );
  // The hook has the files that there are.
  app.get('/static/*', HIDDEN, async (_request, reply) => reply.callNotFound());
}

function swaggerUiPages(ui: string): { index: (url: string) => string; script: string } {
  const indexHtml: (options: object) => (url: string) => string = require('@fastify/swagger-ui/lib/index-html');
  const initializer: (options: object) => string = require('@fastify/swagger-ui/lib/swagger-initializer');
  const theme = { title: product.name, css: [THEME] };
  const logo = { type: 'image/svg+xml', content: readFileSync(join(ui, 'logo.svg')) };
  return {
    // Relative links hold behind a proxy that takes a prefix away.
    index: indexHtml({ prefix: '/docs', indexPrefix: '.', staticPrefix: '/static', theme }),
    script: initializer({
      uiConfig: {
        persistAuthorization: false,
        displayRequestDuration: true,
        tryItOutEnabled: true,
        url: '/openapi.json',
      },
      initOAuth: {},
      logo,
    }),
  };
}

function policyOf(rules: Readonly<Record<string, string>>): string {
  return Object.entries(rules)
    .map((rule) => rule.join(' '))
    .join('; ');
}
