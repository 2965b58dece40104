import fastifyPlugin from 'fastify-plugin';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import { product } from '../product.ts';

/** `GET /`: a person is sent to the documentation; without it the answer is what serves here. */
export const rootPlugin = fastifyPlugin<Pick<Config, 'docs_enabled' | 'root_path'>>(
  async (app, { docs_enabled, root_path }) => {
    app.get('/', { config: { auth: 'public' }, schema: { hide: true } }, async (_request, reply) => {
      if (docs_enabled) return reply.redirect(`${root_path}/docs`, 303);
      return { name: product.name, version: packageJson.version };
    });
  },
);
