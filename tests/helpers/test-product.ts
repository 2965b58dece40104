import type { FastifyInstance } from 'fastify';
import { beforeAll } from 'vitest';
import { productTests } from '../product.ts';
import { startApi, type TestApi } from './api.ts';
import type { ProductTests } from './product-tests.ts';
import { bookRoutes, CLUBS_SQL, clubRoutes } from './test-product/clubs.ts';
import { NOTES_SQL, noteRoutes } from './test-product/notes.ts';

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

/** The application with the notes, on a database that has their table. */
export function startWithNotes(environment: Record<string, string> = {}): TestApi {
  const api = startApi(environment, { routes: notesOnly });
  beforeAll(() => api.sql(NOTES_SQL));
  return api;
}

/** The application with the routes of the test product beside those of the product itself. */
export function startWithTestProduct(environment: Record<string, string> = {}): TestApi {
  const api = startApi(environment, { routes: testProduct });
  beforeAll(() => api.sql(NOTES_SQL + CLUBS_SQL));
  return api;
}

const OF_TEST_PRODUCT: ProductTests = {
  things: {
    'kit-clubs': {
      seenBy: 'members',
      admit: async ({ user, member, ids }, { request }) => {
        const url = `/kit-clubs/${ids['kit-clubs']}/members`;
        const payload = { user_id: member.id };
        const { statusCode, body } = await request({ method: 'POST', url, token: user.access_token, payload });
        if (statusCode !== 204) throw new Error(`no member was admitted: ${body}`);
      },
    },
    'kit-books': {
      seenBy: 'everybody',
      make: async ({ user, ids }, { request }) => {
        const url = `/kit-clubs/${ids['kit-clubs']}/books`;
        const payload = { title: 'Middlemarch' };
        const { body } = await request({ method: 'POST', url, token: user.access_token, payload });
        return JSON.parse(body).id;
      },
    },
  },
  bodies: {
    'POST /kit-clubs/:id/members': ({ user }) => ({ user_id: user.id }),
    'PUT /kit-books/:id/cover': () => ({ type: 'image/png', bytes: Buffer.from('a picture') }),
  },
  refusals: {
    'PATCH /kit-clubs/:id': ['forbidden'],
    'POST /kit-clubs/:id/members': ['forbidden'],
  },
};

/** What the product says of its routes, and the test product of its own. */
export const facts: Required<ProductTests> = {
  settings: { ...productTests.settings },
  open: productTests.open ?? [],
  things: { ...OF_TEST_PRODUCT.things, ...productTests.things },
  bodies: { ...OF_TEST_PRODUCT.bodies, ...productTests.bodies },
  refusals: { ...OF_TEST_PRODUCT.refusals, ...productTests.refusals },
  doors: productTests.doors ?? [],
  rewritten: productTests.rewritten ?? [],
  crossings: { ...productTests.crossings },
};
