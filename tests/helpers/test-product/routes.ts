import type { FastifyInstance } from 'fastify';
import { bookRoutes, clubRoutes } from './clubs.ts';
import { noteRoutes } from './notes.ts';

/** The notes alone: what tests of the kit create and read. */
export async function notesOnly(app: FastifyInstance): Promise<void> {
  app.register(noteRoutes, { prefix: '/kit-notes' });
}

/** A product with a thing of each kind: of an owner, of members, nested, of everybody. It proves that the kit's tests suit one. */
export async function testProduct(app: FastifyInstance): Promise<void> {
  app.register(notesOnly);
  app.register(clubRoutes, { prefix: '/kit-clubs' });
  app.register(bookRoutes, { prefix: '/kit-books' });
}
