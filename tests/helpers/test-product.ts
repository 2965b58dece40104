import type { FastifyInstance } from 'fastify';
import { beforeAll } from 'vitest';
import type { Overrides } from '../../src/app/app.ts';
import { productFiles } from '../../src/app/product.ts';
import { newId } from '../../src/app/utils/ids.ts';
import { productTests } from '../product.ts';
import { startApi, type TestApi } from './api.ts';
import { DEAD_MAIL_SQL, FILE_SQL, PASSKEY_SQL } from './asking-operations.ts';
import type { ProductTests } from './product-tests.ts';
import { CLUBS_SQL } from './test-product/clubs.ts';
import { PURPOSES } from './test-product/files.ts';
import { NOTES_SQL } from './test-product/notes.ts';
import { notesOnly, testProduct } from './test-product/routes.ts';

/** What users may upload in it, beside what the product takes: as much as a test asks for. */
export const filePurposes = { ...productFiles, ...PURPOSES, cover: { ...PURPOSES.cover, per_account: 100_000 } };

/** The routes and the uploads of the test product. */
export const TEST_PRODUCT = { routes: testProduct, filePurposes };

/** The application with the notes, on a database that has their table. */
export function startWithNotes(environment: Record<string, string> = {}, overrides: Overrides = {}): TestApi {
  const { routes } = overrides;
  const both = async (app: FastifyInstance): Promise<void> => {
    app.register(notesOnly);
    if (routes) app.register(routes);
  };
  const api = startApi(environment, { filePurposes, ...overrides, routes: both });
  beforeAll(() => api.sql(NOTES_SQL));
  return api;
}

/** The application with the routes of the test product beside those of the product itself. */
export function startWithTestProduct(environment: Record<string, string> = {}): TestApi {
  const api = startApi(environment, TEST_PRODUCT);
  beforeAll(() => api.sql(NOTES_SQL + CLUBS_SQL));
  return api;
}

const OF_TEST_PRODUCT: ProductTests = {
  things: {
    // No route makes one.
    mails: {
      make: async (_known, { sql }) => {
        const id = newId();
        await sql(DEAD_MAIL_SQL, [id]);
        return id;
      },
    },
    identities: {
      make: async ({ user }, { sql }) => {
        const id = newId();
        await sql(
          `insert into identities (id, user_id, provider, issuer, subject) values ($1, $2, 'corp', 'https://id.example.com', $3)`,
          [id, user.id, id],
        );
        return id;
      },
    },
    // Its POST begins an upload alone.
    files: {
      make: async ({ user }, { sql }) => {
        const id = newId();
        await sql(FILE_SQL, [id, user.id]);
        return id;
      },
    },
    // No provider is configured.
    oauth: { make: async () => 'google' },
    // Its example is no answer to a challenge.
    passkeys: {
      make: async ({ user }, { sql }) => {
        const id = newId();
        await sql(PASSKEY_SQL, [id, user.id]);
        return id;
      },
    },
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
        const url = `/kit-clubs/${ids['kit-clubs']}/shelf`;
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
    'POST /kit-notes': ['conflict'],
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
