import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { freePort } from 'pg-devdb/throw-away';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/app/app.ts';
import { loadConfig } from '../../../src/app/config.ts';
import { product } from '../../../src/app/product.ts';
import { claimsOf, PASSWORD, SECRET_KEY, testConfig } from '../../helpers/api.ts';
import { type Collector, type Sent, startCollector } from '../../helpers/collector.ts';
import { createTestDatabase } from '../../helpers/database.ts';
import { type Started, start } from '../../helpers/processes.ts';
import { cleanEnvironment } from '../../helpers/project.ts';
import { notesOnly } from '../../helpers/test-product/routes.ts';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'tests/helpers/test-product/main.ts');
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
/**
 * Answers a request under each of the given settings and says how many modules of OpenTelemetry were loaded until then.
 * Its API, which only has empty interfaces, is not counted: prom-client loads it.
 */
const SCRIPT = `
import { registerHooks } from 'node:module';
let loaded = 0;
registerHooks({
  resolve: (name, context, next) => {
    const found = next(name, context);
    if (/@opentelemetry\\/(?!api\\/)/.test(found.url)) loaded++;
    return found;
  },
});
const { buildApp } = await import('./src/app/app.ts');
const { loadConfig } = await import('./src/app/config.ts');
for (const settings of JSON.parse(process.argv[1])) {
  const app = await buildApp(loadConfig({ ...process.env, ...settings }));
  console.log((await app.inject('/health')).statusCode, loaded > 0);
  await app.close();
}
`;
/** Lines of the log, spans and records reach the test by different ways, in no order. */
const SOON_ENOUGH = { timeout: 15_000 };
const SOON = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_BLRP_SCHEDULE_DELAY: '50' };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let collector: Collector;
const apps: FastifyInstance[] = [];
const logs: Record<string, unknown>[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ with_notes: true });
});
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  await collector.close();
});
afterAll(() => database.drop());

/** The application in this process, with a collector that listens unless the settings say otherwise. */
async function build(settings: Record<string, string> = {}): Promise<FastifyInstance> {
  const config = testConfig(database.url, { ...collectorSettings(collector), ...settings });
  logs.length = 0;
  const log = pino({ level: 'debug' }, { write: (line: string) => void logs.push(JSON.parse(line)) });
  const app = await buildApp(config, { log, routes: notesOnly });
  apps.push(app);
  return app;
}

/** The server alone in its process. */
async function serve(settings: Record<string, string> = {}): Promise<{ program: Started; url: string }> {
  const port = await freePort();
  const environment = cleanEnvironment({
    SECRET_KEY,
    DATABASE_URL: database.url,
    PORT: String(port),
    BCRYPT_COST: '10',
    ENVIRONMENT: 'test',
    ...settings,
  });
  const program = start(process.execPath, [MAIN], { env: environment, cwd: '/' });
  await program.until(/Server listening/);
  return { program, url: `http://127.0.0.1:${port}` };
}

function collectorSettings({ url }: Collector): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_ENDPOINT: url, ...SOON };
}

async function call(url: string, init: { body?: object; headers?: Record<string, string> } = {}): Promise<Response> {
  const { body, headers } = init;
  const json = body && { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(url, {
    ...json,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
  });
  return answer;
}

async function register(url: string, email: string): Promise<{ access_token: string; refresh_token: string }> {
  const answer = await call(`${url}/auth/register`, { body: { email, password: PASSWORD } });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { access_token: string; refresh_token: string };
}

async function spansOf(name: string, to = collector): Promise<{ root: Sent; all: Sent[] }> {
  await expect.poll(() => to.spans().some((span) => span.name === name), SOON_ENOUGH).toBe(true);
  const root = to.spans().find((span) => span.name === name);
  if (root === undefined) throw new Error(`no span ${name}`);
  return { root, all: to.spans().filter(({ traceId }) => traceId === root.traceId) };
}

const childrenOf = (parent: Sent | undefined, all: Sent[]): Sent[] =>
  all.filter(({ parentSpanId }) => parentSpanId === parent?.spanId);
const named = (name: string, all: Sent[]): Sent | undefined => all.find((span) => span.name === name);

describe('a request with a collector', () => {
  let shared: Collector;
  let program: Started;
  let url: string;

  beforeAll(async () => {
    shared = await startCollector();
    ({ program, url } = await serve({ ...collectorSettings(shared), OTEL_LOGS_EXPORTER: 'otlp' }));
  });
  afterAll(async () => {
    program.child.kill('SIGKILL');
    await program.ended;
    await shared.close();
  });

  const printed = (event: string, traceId: string): Record<string, unknown> | undefined =>
    program
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line): Record<string, unknown> => JSON.parse(line))
      .find((line) => line.event === event && line.trace_id === traceId);

  it('leaves one trace: the request, beneath it the guard and the handler, beneath them their statements', async () => {
    const { access_token } = await register(url, 'traced@example.com');
    const authorization = `Bearer ${access_token}`;
    await call(`${url}/kit-notes`, { body: { title: 'a secret title' }, headers: { authorization } });
    const { root, all } = await spansOf('POST /kit-notes', shared);
    expect(root).toMatchObject({
      kind: 2,
      attributes: { 'http.route': '/kit-notes', 'http.response.status_code': 201 },
    });
    expect(root.attributes['user.id']).toBe(claimsOf(access_token).sub);
    expect(root.parentSpanId ?? '').toBe('');
    // The limit of the account's writes, beside the check of the session.
    expect(new Set(childrenOf(root, all).map(({ name }) => name))).toEqual(
      new Set(['INSERT rate_limits', 'authentication.authenticate', 'handler']),
    );
    const [lookup] = childrenOf(named('authentication.authenticate', all), all);
    expect(lookup).toMatchObject({ name: 'SELECT sessions', kind: 3 });
    const [insert, ...others] = childrenOf(named('handler', all), all);
    expect(others).toEqual([]);
    expect(insert).toMatchObject({
      name: 'INSERT kit_notes',
      kind: 3,
      attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'INSERT', 'db.collection.name': 'kit_notes' },
    });
    expect(insert?.attributes['db.query.text']).toMatch(/^insert into "public"."kit_notes" .*\$1/);
    expect(shared.resource()).toMatchObject({ 'service.name': product.slug, 'telemetry.sdk.language': 'nodejs' });
    const line = { route: '/kit-notes', span_id: root.spanId, queries: 3 };
    await expect.poll(() => printed('request', root.traceId), SOON_ENOUGH).toMatchObject(line);
  });

  it('puts a transaction’s statements, and the hash, beneath the handler', async () => {
    await register(url, 'nested@example.com');
    const { root, all } = await spansOf('POST /auth/register', shared);
    const handler = named('handler', all);
    expect(childrenOf(root, all)).toEqual([handler]);
    const names = childrenOf(handler, all).map(({ name }) => name);
    expect(names).toContain('passwords.hash');
    // BEGIN travels with the first statement.
    for (const statement of ['INSERT users', 'INSERT sessions', 'INSERT audit_events', 'COMMIT'])
      expect(
        names.some((name) => name === statement || name.startsWith(`${statement} `)),
        statement,
      ).toBe(true);
    expect(all.every(({ spanId, parentSpanId }) => spanId === root.spanId || parentSpanId !== undefined)).toBe(true);
  });

  it('keeps the traces of requests at the same time apart', async () => {
    const { access_token } = await register(url, 'apart@example.com');
    const traces = Array.from({ length: 12 }, (_, index) => (index + 1).toString(16).padStart(32, 'f'));
    const answers = traces.map((trace) =>
      call(`${url}/kit-notes`, {
        body: { title: 'apart' },
        headers: { authorization: `Bearer ${access_token}`, traceparent: `00-${trace}-${CALLER}-01` },
      }),
    );
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(201);
    const of = (trace: string): Sent[] => shared.spans().filter(({ traceId }) => traceId === trace);
    const isWhole = (trace: string): boolean => of(trace).some(({ name }) => name === 'POST /kit-notes');
    await expect.poll(() => traces.every(isWhole), SOON_ENOUGH).toBe(true);
    for (const trace of traces) {
      const names = of(trace).map(({ name }) => name);
      for (const name of ['handler', 'INSERT kit_notes', 'authentication.authenticate'])
        expect(names.filter((one) => one === name)).toEqual([name]);
      expect(childrenOf(named('handler', of(trace)), of(trace))).toEqual([named('INSERT kit_notes', of(trace))]);
    }
    // They shared some lookups of the session: each stands in the trace of one of them.
    const lookups = traces.flatMap(of).filter(({ name }) => name === 'SELECT sessions');
    expect(lookups.length).toBeGreaterThan(0);
    expect(lookups.length).toBeLessThanOrEqual(traces.length);
  });

  it('says nothing of what people typed: no address, password or token, in no span and no log record', async () => {
    const { access_token, refresh_token } = await register(url, 'typed@example.com');
    const headers = { authorization: `Bearer ${access_token}` };
    await call(`${url}/auth/register`, { body: { email: 'typed@example.com', password: PASSWORD } });
    await call(`${url}/auth/login`, { body: { email: 'typed@example.com', password: 'a wrong guess' } });
    await call(`${url}/auth/refresh`, { body: { refresh_token } });
    await call(`${url}/kit-notes/typed@example.com?token=${access_token}`, { headers });
    await call(`${url}/kit-notes`, { body: { title: 'typed title' }, headers });
    await spansOf('POST /kit-notes', shared);
    await expect.poll(() => shared.records().length, SOON_ENOUGH).toBeGreaterThan(5);
    const spans = JSON.stringify(shared.spans());
    for (const typed of [PASSWORD, 'a wrong guess', access_token, refresh_token, 'typed title', 'typed@', '$2b$'])
      expect(spans, typed).not.toContain(typed);
    const records = JSON.stringify(shared.records());
    for (const typed of [PASSWORD, 'a wrong guess', access_token, refresh_token, 'typed title', '$2b$'])
      expect(records, typed).not.toContain(typed);
    const taken = shared.spans().filter(({ attributes }) => attributes['error.type'] === '23505');
    expect(taken.length).toBeGreaterThan(0);
    for (const { status, events } of taken) expect([status, events]).toEqual([{ code: 2 }, []]);
  });

  it('sends the log’s lines as records, each with its trace, while they are printed as ever', async () => {
    const { refresh_token } = await register(url, 'logged@example.com');
    await call(`${url}/auth/refresh`, { body: { refresh_token } });
    const { root } = await spansOf('POST /auth/refresh', shared);
    const ofRefresh = (): Sent[] => shared.records().filter(({ traceId }) => traceId === root.traceId);
    await expect.poll(() => ofRefresh().length, SOON_ENOUGH).toBe(1);
    expect(ofRefresh()[0]).toMatchObject({
      spanId: root.spanId,
      severityText: 'info',
      body: { stringValue: 'request' },
      attributes: { route: '/auth/refresh', status: 200 },
    });
    await expect.poll(() => printed('request', root.traceId), SOON_ENOUGH).toMatchObject({ route: '/auth/refresh' });
    const isStart = ({ body }: Sent): boolean => /Server listening/.test(body?.stringValue ?? '');
    await expect.poll(() => shared.records().some(isStart), SOON_ENOUGH).toBe(true);
  });

  it('marks an answer that is the server’s fault, and its log says the same trace', async () => {
    const app = await build({ DATABASE_URL: 'postgresql://postgres:root@127.0.0.1:1/none' });
    const payload = { email: 'a@b.example', password: PASSWORD };
    expect((await app.inject({ method: 'POST', url: '/auth/login', payload })).statusCode).toBe(503);
    const { root, all } = await spansOf('POST /auth/login');
    expect(root).toMatchObject({ status: { code: 2 }, attributes: { 'http.response.status_code': 503 } });
    expect(named('handler', all)).toMatchObject({ status: { code: 2 } });
    const { traceId: trace_id, spanId: span_id } = root;
    expect(logs.find(({ event }) => event === 'request.failed')).toMatchObject({ trace_id, span_id });
  });
});

describe('a caller’s traceparent', () => {
  /** The span of one request with these headers. */
  const spanOf = async (app: FastifyInstance, headers: Record<string, string>): Promise<Sent | undefined> => {
    const answer = await app.inject({ url: '/health/live', headers });
    const id = answer.headers['x-request-id'];
    const find = (): Sent | undefined => collector.spans().find(({ attributes }) => attributes['request.id'] === id);
    await expect.poll(find, SOON_ENOUGH).toBeDefined();
    return find();
  };

  it('is gone on with where it is well-formed, and ignored where it is not', async () => {
    const app = await build({ OTEL_TRACES_SAMPLER: 'always_on' });
    for (const valid of [`00-${TRACE_ID}-${CALLER}-01`, `00-${TRACE_ID}-${CALLER}-00`, `cc-${TRACE_ID}-${CALLER}-01-x`])
      expect(await spanOf(app, { traceparent: valid })).toMatchObject({ traceId: TRACE_ID, parentSpanId: CALLER });
    const zeros = (length: number): string => '0'.repeat(length);
    const invalid = [
      `00-${TRACE_ID.toUpperCase()}-${CALLER}-01`,
      `00-${zeros(32)}-${CALLER}-01`,
      `00-${TRACE_ID}-${zeros(16)}-01`,
      `ff-${TRACE_ID}-${CALLER}-01`,
      `00-${TRACE_ID}-${CALLER}-01-more`,
      `00-${TRACE_ID}-${CALLER}`,
      `00-${TRACE_ID}-${CALLER}-01, 00-${TRACE_ID}-${CALLER}-01`,
      zeros(4000),
    ];
    for (const traceparent of invalid) {
      const span = await spanOf(app, { traceparent });
      expect(span?.traceId, traceparent).not.toBe(TRACE_ID);
      expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(span?.parentSpanId ?? '').toBe('');
    }
  });

  it('is not read with OTEL_PROPAGATORS=none', async () => {
    const app = await build({ OTEL_PROPAGATORS: 'none' });
    const span = await spanOf(app, { traceparent: `00-${TRACE_ID}-${CALLER}-01` });
    expect(span?.traceId).not.toBe(TRACE_ID);
  });

  it('that says unsampled is kept unsampled by default: nothing is sent, and the log still has the trace', async () => {
    const app = await build();
    await app.inject({ url: '/health/live', headers: { traceparent: `00-${TRACE_ID}-${CALLER}-00` } });
    await spanOf(app, {});
    expect(collector.spans().filter(({ traceId }) => traceId === TRACE_ID)).toEqual([]);
    expect(logs.filter(({ trace_id }) => trace_id === TRACE_ID)).toHaveLength(1);
  });
});

describe('the exporter', () => {
  it('speaks protobuf by default, with the configured headers, name and attributes', async () => {
    const app = await build({
      OTEL_EXPORTER_OTLP_PROTOCOL: '',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=a%20key,x-tenant=one',
      OTEL_SERVICE_NAME: 'orders',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging%2C2',
    });
    await app.inject('/health/live');
    await expect.poll(() => collector.requests.length, SOON_ENOUGH).toBeGreaterThan(0);
    const [request] = collector.requests;
    expect(request?.path).toBe('/v1/traces');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-api-key': 'a key',
      'x-tenant': 'one',
    });
    for (const text of ['GET /health/live', 'orders', 'staging,2'])
      expect(request?.body.includes(text), text).toBe(true);
  });

  it('lets requests go on while the collector is away, says so in the log once, and lets the process end in time', async () => {
    const gone = await startCollector();
    await gone.close();
    const { url, program } = await serve({
      ...collectorSettings(gone),
      OTEL_LOGS_EXPORTER: 'otlp',
      // The exporter's own: how long it tries.
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    });
    const { access_token } = await register(url, 'away@example.com');
    for (let index = 0; index < 20; index++)
      expect((await call(`${url}/auth/me`, { headers: { authorization: `Bearer ${access_token}` } })).status).toBe(200);
    await program.until(/"event":"telemetry.export_failed"/);
    expect((await call(`${url}/auth/me`, { headers: { authorization: `Bearer ${access_token}` } })).status).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(program.output().match(/telemetry\.export_failed/g)).toHaveLength(1);
  });

  it('is no matter to a request that cannot be routed, is for no route or is cut off', async () => {
    const app = await build();
    expect((await app.inject('/%zz')).statusCode).toBe(400);
    expect((await app.inject({ method: 'POST', url: '/nowhere/a%40b.example' })).statusCode).toBe(404);
    const { root } = await spansOf('POST');
    expect(root.attributes).toMatchObject({ 'http.request.method': 'POST', 'http.response.status_code': 404 });
    expect(JSON.stringify(collector.spans())).not.toMatch(/nowhere|example/);
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.end('POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{');
    await once(socket.resume(), 'close');
    await spansOf('POST /auth/login');
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  it('sends what is left when the application closes', async () => {
    const app = await build({ OTEL_BSP_SCHEDULE_DELAY: '600000' });
    await app.inject('/health/live');
    expect(collector.requests).toEqual([]);
    await app.close();
    expect(
      collector
        .spans()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['GET /health/live', 'handler']);
  });
});

describe('without a collector', () => {
  it('no module of OpenTelemetry is loaded; with one they are', async () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const settings = [
      {},
      { ...endpoint, OTEL_SDK_DISABLED: 'true', OTEL_LOGS_EXPORTER: 'otlp' },
      { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
      { ...collectorSettings(collector), OTEL_LOGS_EXPORTER: 'otlp' },
    ];
    const env = cleanEnvironment({ SECRET_KEY, DATABASE_URL: database.url, LOG_LEVEL: 'silent' });
    const args = ['--input-type=module', '-e', SCRIPT, JSON.stringify(settings)];
    const program = start(process.execPath, args, { env, cwd: ROOT });
    expect(await program.ended).toBe(0);
    expect(program.output().trim().split('\n')).toEqual(['200 false', '200 false', '200 false', '200 true']);
  });
});

describe('the OTEL_* settings', () => {
  const load = (settings: Record<string, string>) => () => loadConfig({ SECRET_KEY, ENVIRONMENT: 'test', ...settings });

  it('are refused by name where they mean nothing here, without repeating a header', () => {
    for (const [name, text, sentence] of [
      ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4317', 'must be an http or https URL'],
      ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://user:secret@host', 'must not hold a password'],
      ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'must be one of http/protobuf, http/json'],
      ['OTEL_EXPORTER_OTLP_HEADERS', 'the secret', 'must be name=value, comma-separated'],
      ['OTEL_TRACES_SAMPLER', 'sometimes', 'must be one of always_on'],
      ['OTEL_TRACES_SAMPLER_ARG', '2', 'must be a number from 0 to 1'],
      ['OTEL_LOGS_EXPORTER', 'console', 'must be one of otlp, none'],
      ['OTEL_RESOURCE_ATTRIBUTES', 'a=%zz', 'must be name=value, comma-separated'],
    ] as const) {
      expect(load({ [name]: text })).toThrow(`${name} ${sentence}`);
      expect(load({ [name]: text })).not.toThrow(/the secret|user:secret/);
    }
  });
});
