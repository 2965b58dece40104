import type { FastifyInstance } from 'fastify';
import { kitRoutes } from './kit.ts';

/** The map of the API, one line for each resource. Yours go beside `items`. */
export async function routes(app: FastifyInstance): Promise<void> {
  app.register(kitRoutes);
}
