import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/app/utils/errors.ts';
import { startWithNotes } from '../helpers/test-product.ts';
import { createSender, type Subject } from './batch.ts';
import type { Answer } from './client/answers.ts';
import { type OpenApiDocument, type Operation, readOperations } from './document.ts';
import { fixtureStatements, mintTokens } from './fixtures.ts';
import type { Caller } from './generators/callers.ts';
import type { HttpStep } from './generators/steps.ts';
import { createLogWatch } from './log-watch.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { runFuzz } from './runner.ts';
import { createStateWatch } from './state.ts';

/** Routes that are wrong in one way each; the oracle must see every one. */
async function brokenRoutes(app: FastifyInstance): Promise<void> {
  const config = { auth: 'public' } as const;
  const response: object = { 200: Type.Object({ ok: Type.Boolean() }) };
  const describe = (summary: string) => ({ config, schema: { summary, response } });
  app.get('/broken/failing', describe('fails'), async () => {
    throw new Error('on purpose');
  });
  app.get('/broken/silent', describe('never answers'), () => new Promise(() => {}));
  app.get('/broken/teapot', describe('answers what it does not declare'), async (_request, reply) =>
    reply.code(418).type('application/problem+json').send('{}'),
  );
  app.delete('/broken/changing', describe('refuses after it has changed a row'), async () => {
    await app.ctx.db.execute(`update kit_notes set title = 'changed ${randomUUID()}'`);
    throw new AppError('unsupported_media_type');
  });
}

const api = startWithNotes({ LOG_LEVEL: 'silent' }, { routes: brokenRoutes });
let subject: Subject;
let client: pg.Client;
let oracle: Oracle;

beforeAll(async () => {
  client = new pg.Client(api.url);
  await client.connect();
  const fixtures = await fixtureStatements();
  // Our own document, as the fuzzer reads it from the server.
  const operations = readOperations(api.app.swagger() as unknown as OpenApiDocument);
  oracle = createOracle(operations, ['the signing key']);
  subject = {
    port: await api.listen(),
    operations,
    tokens: mintTokens(api.config),
    oracle,
    state: await createStateWatch(client),
    reset: async () => {
      await client.query(fixtures);
    },
  };
});

afterAll(async () => {
  await client?.end();
});

const REQUEST_ID = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';
const ANONYMOUS: Caller = { name: 'anonymous', rights: 'none', headers: [] };
const USER: Caller = { name: 'user', rights: 'user', headers: [['Authorization', 'Bearer {{user}}']] };
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'x-request-id': REQUEST_ID,
};
const ITEM = {
  id: REQUEST_ID,
  title: 'a',
  description: null,
  owner_id: REQUEST_ID,
  created_at: '2026-11-23T07:07:55.426Z',
  updated_at: '2026-11-23T07:07:55.426Z',
};

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...HEADERS, ...headers }, body: Buffer.from(JSON.stringify(body)) };
}

function problem(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Answer {
  const type = `urn:problem-type:back-api:${code}`;
  const body = { type, title: 'A title', status, detail: 'A sentence', code, request_id: REQUEST_ID, ...more };
  return answer(status, body, { 'content-type': 'application/problem+json; charset=utf-8', ...headers });
}

function operation(name: string): Operation {
  const found = subject.operations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function judge(name: string, given: Answer, caller: Caller = USER): string[] {
  const found = operation(name);
  const step = { method: found.method, target: found.path, caller };
  return oracle.judge(given, { step, operation: found, rights_moved: false });
}

function step(method: string, target: string, caller = USER): HttpStep {
  return { kind: 'http', method, target, caller, headers: [], body: undefined };
}

describe('the oracle', () => {
  it('has nothing against right answers', () => {
    expect(judge('GET /kit-notes/{id}', answer(200, ITEM))).toEqual([]);
    expect(judge('GET /kit-notes/{id}', problem(404, 'route_not_found'))).toEqual([]);
    expect(judge('GET /kit-notes', problem(401, 'token_invalid', {}, { 'www-authenticate': 'Bearer' }))).toEqual([]);
  });

  it.each<[string, () => string[], RegExp]>([
    ['a 500', () => judge('GET /kit-notes', problem(500, 'internal_error')), /has status 500/],
    [
      'a 503 that nobody caused',
      () => judge('GET /kit-notes', problem(503, 'service_unavailable', {}, { 'retry-after': '1' })),
      /has status 503/,
    ],
    [
      'an undeclared status',
      () => judge('GET /health/live', problem(404, 'route_not_found')),
      /status 404, which is not/,
    ],
    ['an undeclared code', () => judge('GET /kit-notes/{id}', problem(404, 'user_not_found')), /code user_not_found/],
    [
      'a value off the schema',
      () => judge('GET /kit-notes/{id}', answer(200, { ...ITEM, title: 1 })),
      /off the schema.*title/,
    ],
    [
      'a missing member',
      () => judge('GET /kit-notes/{id}', answer(200, { ...ITEM, id: undefined })),
      /off the schema.*id/,
    ],
    [
      'a member too many',
      () => judge('GET /users/{id}', answer(200, { ...ITEM, password_hash: 'x' })),
      /password_hash/,
    ],
    [
      'a problem without a code',
      () => judge('GET /kit-notes/{id}', problem(404, 'route_not_found', { code: undefined })),
      /code/,
    ],
    [
      'another request id',
      () => judge('GET /kit-notes/{id}', problem(404, 'route_not_found', { request_id: 'x' })),
      /another req/,
    ],
    ['no request id', () => judge('GET /kit-notes/{id}', answer(200, ITEM, { 'x-request-id': '' })), /no X-Request-Id/],
    ['a 401 without a challenge', () => judge('GET /kit-notes', problem(401, 'token_invalid')), /no www-authenticate/],
    [
      'another media type',
      () => judge('GET /kit-notes/{id}', answer(200, ITEM, { 'content-type': 'text/html' })),
      /text\/html/,
    ],
    ['a body after 204', () => judge('DELETE /kit-notes/{id}', answer(204, {})), /a body where none/],
    [
      'a cacheable answer',
      () => judge('GET /kit-notes/{id}', answer(200, ITEM, { 'cache-control': 'public' })),
      /cache-control/,
    ],
    [
      'a missing security header',
      () => judge('GET /kit-notes/{id}', answer(200, ITEM, { 'x-frame-options': '' })),
      /x-frame/,
    ],
    [
      'a stack',
      () => judge('GET /kit-notes/{id}', problem(404, 'route_not_found', { detail: 'x\n    at f (a.ts:1:2)' })),
      /inside/,
    ],
    [
      'SQL',
      () => judge('GET /kit-notes/{id}', problem(404, 'route_not_found', { detail: 'select a from b' })),
      /the inside/,
    ],
    ['a secret', () => judge('GET /kit-notes/{id}', answer(200, { ...ITEM, title: 'the signing key' })), /a secret/],
    [
      'a password hash',
      () => judge('GET /kit-notes/{id}', answer(200, { ...ITEM, title: '$2b$12$abc' })),
      /a password hash/,
    ],
    ['an anonymous success', () => judge('GET /kit-notes/{id}', answer(200, ITEM), ANONYMOUS), /lets anonymous/],
    ['a user’s success with what is an admin’s', () => judge('DELETE /users/{id}', answer(204, ''), USER), /lets user/],
    ['a smuggled success', () => oracle.judgeRaw(answer(200, ITEM), { refused: true }), /must be refused/],
    ['a bare refusal', () => oracle.judgeRaw(answer(400, {}), { refused: true }), /without a problem/],
  ])('complains of %s', (_what, judged, expected) => {
    expect(judged().join('\n')).toMatch(expected);
  });

  it('complains of lines in the log that are no entries, or errors', () => {
    const watch = createLogWatch();
    watch.readLine('{"level":"info","pid":1}');
    expect(watch.complaints).toEqual([]);
    watch.readLine('{"level":"error","pid":1,"msg":"x"}');
    watch.readLine('a line that a client has broken in two');
    watch.readComplaint('a warning');
    expect(watch.complaints).toHaveLength(3);
  });
});

describe('a batch', () => {
  const send = async (steps: HttpStep[], deadline_ms = 5000): Promise<string> => {
    const sender = createSender(subject, { connections: 3, deadline_ms, tally: () => {} });
    try {
      return (await sender.run(steps)).map(({ sentence }) => sentence).join('\n');
    } finally {
      sender.close();
    }
  };

  it('has no complaint where all is well', async () => {
    expect(await send([step('GET', '/kit-notes'), step('GET', '/users'), step('POST', '/auth/logout')])).toBe('');
  });

  it('complains of a failure, of silence and of a status that is not declared', async () => {
    expect(await send([step('GET', '/broken/failing')])).toMatch(/has status 500/);
    expect(await send([step('GET', '/broken/silent')], 300)).toMatch(/no answer within 300 ms/);
    expect(await send([step('GET', '/broken/teapot')])).toMatch(/has status 418, which is not documented/);
  });

  it('complains of a refusal that changed a row, alone or behind requests that may', async () => {
    const changing = step('DELETE', '/broken/changing');
    expect(await send([changing])).toMatch(/changed the database: kit_notes: 24 rows/);
    expect(await send([step('POST', '/auth/logout'), changing])).toMatch(/changed the database: kit_notes: 24 rows/);
  });
});

describe('a run', () => {
  it('finds the one broken operation and cuts it down to its request, which the path replays', {
    timeout: 60_000,
  }, async () => {
    const operations = ['GET /kit-notes', 'GET /health/live', 'GET /broken/failing'].map(operation);
    const options = {
      requests: 5000,
      seed: 7,
      connections: 3,
      batch: 20,
      deadline_ms: 5000,
      afterRound: async () => [],
    };
    const { failure } = await runFuzz({ ...subject, operations }, options);
    expect(failure?.complaints[0]?.sentence).toMatch(/has status 500/);
    expect(failure?.steps).toMatchObject([
      { method: expect.stringMatching(/GET|HEAD/), target: expect.stringContaining('/broken/failing') },
    ]);
    const path = failure?.path ?? 'none';
    const again = await runFuzz({ ...subject, operations }, { ...options, seed: failure?.seed ?? 0, path });
    expect(again.failure?.complaints[0]?.sentence).toMatch(/has status 500/);
    expect(again.requests).toBeLessThan(60);
  });
});
