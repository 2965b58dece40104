import type { FastifyInstance } from 'fastify';
import { bookRoutes } from './books.ts';
import { clubRoutes } from './clubs.ts';
import { coverRoutes } from './covers.ts';
import { kitRoutes } from './kit.ts';
import { loanRoutes } from './loans.ts';
import { membershipRoutes } from './memberships.ts';
import { readingRoutes } from './readings.ts';
import { statisticsRoutes } from './statistics.ts';

/** The map of the API, one line for each resource. Yours go beside `items`. */
export async function routes(app: FastifyInstance): Promise<void> {
  app.register(clubRoutes, { prefix: '/clubs' });
  app.register(membershipRoutes);
  app.register(bookRoutes);
  app.register(readingRoutes);
  app.register(loanRoutes);
  app.register(coverRoutes);
  app.register(statisticsRoutes);
  app.register(kitRoutes);
}
