import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/app/app.ts';
import { type TestApi, type TestUser, testConfig } from '../../helpers/api.ts';
import { CROSSINGS, OPERATIONS, type Operation, type Subjects, titleOf } from '../../helpers/asking-operations.ts';
import { crossingsOf } from '../../helpers/crossings.ts';
import { type DelayProxy, startDelayProxy } from '../../helpers/delay-proxy.ts';
import { newSubjects } from '../../helpers/new-subjects.ts';
import { idsOf, operations, requestTo } from '../../helpers/operations.ts';
import { notesOnly } from '../../helpers/test-product/routes.ts';
import { facts, filePurposes, startWithNotes } from '../../helpers/test-product.ts';

/** Longer than anything that a request does between two statements, but for a hash. */
const ROUND_TRIP_MS = 20;
/** More is a loop that asks for one row after the other. */
const MOST_CROSSINGS = 10;
const OF_KIT = /^[A-Z]+ \/(auth|users|audit-events|mails|health|metrics|\.well-known)\b/;
const OPENAPI = join(import.meta.dirname, '../../../openapi.json');
const PERFORMANCE = join(import.meta.dirname, '../../../docs/performance.md');

const api = startWithNotes();
const known = new Set(OPERATIONS.map(({ name }) => name));
/** Those of the product; what anybody may ask has no session to check. */
const ofProduct = (await operations()).filter(
  (one) => one.auth !== 'public' && !known.has(one.name.replace(/:(\w+)/g, '{$1}')),
);
let proxy: DelayProxy;
let far: Awaited<ReturnType<typeof buildApp>>;
let admin: TestUser;
let count = 0;

beforeAll(async () => {
  proxy = await startDelayProxy(Number(new URL(api.url).port), ROUND_TRIP_MS);
  far = await buildApp(testConfig(proxy.before(api.url), { LOG_LEVEL: 'silent' }), { routes: notesOnly, filePurposes });
  await far.ready();
  admin = await api.admin();
  await warm();
});
afterAll(async () => {
  await far?.close();
  await proxy?.close();
});

describe('an operation crosses to the database no more often than it says:', () => {
  it.each(OPERATIONS.map((operation) => [titleOf(operation), operation] as const))('%s', async (_title, operation) => {
    const subjects = await newSubjects(api, admin, ++count);
    const request = { ...operation.request(subjects), remoteAddress: `198.51.100.${count % 250}` };
    const headers = { ...request.headers, ...authorization(operation, subjects) };
    await warm();
    let status = 0;
    const crossings = await crossingsOf(ROUND_TRIP_MS, async () => {
      status = (await far.inject({ ...request, headers })).statusCode;
    });
    expect(status).toSatisfy((is: number) => (operation.status === undefined ? is < 300 : is === operation.status));
    expect(crossings).toBe(CROSSINGS[titleOf(operation)] ?? CROSSINGS[operation.name]);
  });

  it('and each of the kit’s that the document has says it', () => {
    const { paths } = JSON.parse(readFileSync(OPENAPI, 'utf8')) as { paths: Record<string, object> };
    const names = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const ofKit = (list: string[]): string[] => list.filter((name) => OF_KIT.test(name) && !name.includes(',')).sort();
    expect(ofKit(Object.keys(CROSSINGS))).toEqual(ofKit(names));
  });

  it('and docs/performance.md has their table', () => {
    const text = readFileSync(PERFORMANCE, 'utf8');
    const rows = [...text.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) [^`]+)`(, refused)? \| (\d+) \|$/gm)];
    // The page calls the notes by the name of the example resource, which asks the same.
    const table = Object.fromEntries(
      rows.map(([, name = '', variant = '', number]) => [
        name.replace('/items', '/kit-notes') + variant,
        Number(number),
      ]),
    );
    expect(table).toEqual(CROSSINGS);
  });
});

describe('an operation of the product', () => {
  const itOrNothing = ofProduct.length === 0 ? it.skip : it;

  itOrNothing.each(ofProduct.map((operation) => [operation.name, operation] as const))(
    '%s crosses to the database as often as tests/product.ts says, or at most ten times',
    async (name, operation) => {
      const user = await api.user();
      const ids = await idsOf(user, { known: ofProduct, api });
      const { access_token } = operation.auth === 'admin' ? admin : user;
      const request = requestTo(operation, { ids, user });
      await warm();
      let status = 0;
      const crossings = await crossingsOf(ROUND_TRIP_MS, async () => {
        const headers = { ...request.headers, authorization: `Bearer ${access_token}` };
        status = (await far.inject({ ...request, headers })).statusCode;
      });
      expect(status).toBeLessThan(300);
      const told = facts.crossings[name];
      if (told === undefined) expect(crossings).toBeLessThanOrEqual(MOST_CROSSINGS);
      else expect(crossings).toBe(told);
    },
  );
});

/** Connections are open, and proved alive a moment ago. */
async function warm(): Promise<void> {
  await Promise.all(Array.from({ length: 4 }, () => far.ctx.db.execute('select pg_sleep(0.02)')));
}

function authorization({ as }: Operation, { user }: Subjects): { authorization?: string } {
  if (as === 'public') return {};
  const token =
    as === 'admin'
      ? adminToken(api)
      : api.app.ctx.tokens.signAccess({ user_id: user.id, session_id: user.session_id, role: 'user' });
  return { authorization: `Bearer ${token}` };
}

/** As a login of an administrator gives it. */
function adminToken({ app }: TestApi): string {
  const { sid } = JSON.parse(Buffer.from(admin.access_token.split('.')[1] ?? '', 'base64url').toString());
  return app.ctx.tokens.signAccess({ user_id: admin.id, session_id: sid, role: 'admin' });
}
