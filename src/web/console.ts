import { BlockList, isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Static } from 'typebox';
import { product } from '../app/product.ts';
import { User } from '../app/schemas/auth/users.ts';
import * as firstAdministrator from '../app/services/admin/first-administrator.ts';
import { plainAddress } from '../app/utils/client-networks.ts';
import { AppError } from '../app/utils/errors.ts';
import { html, markupOf } from '../app/utils/html.ts';
import { type ConsoleFiles, readConsole } from './console/modules.ts';
import { consoleOperations } from './console/operations.ts';
import { recordRows } from './console/rows.ts';
import { FirstAdministrator } from './console/schemas.ts';

/** Nothing stands inline, nothing comes from another host, and no text becomes a script or markup. */
const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');
const HTML = 'text/html; charset=utf-8';
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The console of administrators, below `/console`: one page whose modules call the API as any client does. The modules are
 * read with the first page. Networks that are not among CONSOLE_NETWORKS get the answer of a path that does not exist. Register
 * it before the routes of the product, whose changes it repeats and records.
 */
export const consolePlugin = fastifyPlugin(async (app: FastifyInstance): Promise<void> => {
  const { console_networks, environment, root_path } = app.ctx.config;
  const isServed = networkTest(console_networks);
  let kept: ConsoleFiles | undefined;
  const files = (): ConsoleFiles => {
    // A module that was changed meanwhile is served by the next page.
    if (kept === undefined || (environment === 'development' && kept.isStale())) kept = readConsole();
    return kept;
  };
  app.addHook('onListen', async () => firstAdministrator.invite(app.ctx));
  await app.register(async (routes) => {
    routes.addHook('onRequest', async ({ ctx }) => {
      if (!isServed(ctx.client.ip)) throw new AppError('route_not_found');
    });
    const config = { auth: 'public', errors: ['route_not_found'] } as const;
    const schema = { hide: true };
    const sendPage = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      reply.headers({ 'content-security-policy': CONSOLE_POLICY, 'referrer-policy': 'same-origin' });
      return reply.type(HTML).send(pageOf(files(), root_path));
    };
    routes.get('/console', { config, schema }, sendPage);
    routes.get('/console/*', { config, schema }, sendPage);
    await routes.register(consoleOperations, { recorded: recordRows(app, routes) });
    routes.get('/console/assets/*', { config, schema }, async (request, reply) => sendFile(request, reply, files()));
    routes.post(
      '/console/first-administrator',
      {
        config: {
          auth: 'public',
          errors: [
            'one_time_token_invalid',
            'email_taken',
            'password_too_short',
            'password_too_long',
            'password_too_common',
            'password_breached',
          ],
        },
        schema: { hide: true, body: FirstAdministrator, response: { 201: User } },
      },
      async (request, reply) => {
        // Validated by this very schema.
        const body = request.body as Static<typeof FirstAdministrator>;
        return reply.code(201).send(await firstAdministrator.create(request.ctx, body));
      },
    );
  });
});

/** True for an address of these networks; without networks, for all. */
function networkTest(ranges: readonly string[]): (ip: string) => boolean {
  if (ranges.length === 0) return () => true;
  const networks = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    networks.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (ip) => {
    const address = plainAddress(ip).replace(/%.*$/, '');
    return networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  };
}

function sendFile(request: FastifyRequest, reply: FastifyReply, { files }: ConsoleFiles): FastifyReply {
  const file = files.get(request.url.replace(/\?.*$/, ''));
  if (file === undefined) throw new AppError('route_not_found');
  reply.headers({ 'cache-control': FOR_EVER, 'content-type': file.type, vary: 'accept-encoding' });
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(file.content);
  return reply.header('content-encoding', 'gzip').send(file.compressed);
}

/** The frame that the modules fill. `data-root` is the prefix of a proxy. */
function pageOf({ sheet, modules }: ConsoleFiles, root: string): string {
  const [entry = '', ...others] = modules;
  return markupOf(html`<!doctype html>
<html lang="en" data-root="${root}" data-product="${product.name}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${product.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}${sheet}">
${others.map(
  (path) => html`<link rel="modulepreload" href="${root}${path}">
`,
)}<script type="module" src="${root}${entry}"></script>
</head>
<body>
<div id="console"><noscript><p>The console needs script. The commands of <code>npx back</code> do without.</p></noscript></div>
</body>
</html>
`);
}
