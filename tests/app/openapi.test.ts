import SwaggerParser from '@apidevtools/swagger-parser';
import { BaseResolver, createConfig, lintDocument, makeDocumentFromString, Source } from '@redocly/openapi-core';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifySchema, LightMyRequestResponse } from 'fastify';
import { Type } from 'typebox';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app/app.ts';
import { PageOf } from '../../src/app/schemas/common.ts';
import { ERROR_CODES, type ErrorCodeName } from '../../src/app/utils/error-codes.ts';
import { type TestApi, type TestUser, testConfig } from '../helpers/api.ts';
import { examplesOf, idsOf, liveRoutes, type Operation, operations, requestTo } from '../helpers/operations.ts';
import { facts, startWithTestProduct, TEST_PRODUCT } from '../helpers/test-product.ts';

type Request = Parameters<TestApi['request']>[0];

interface Media {
  schema: Schema;
  examples?: Record<string, { value: Record<string, unknown> }>;
}
interface Schema {
  [keyword: string]: unknown;
  properties?: Record<string, Schema>;
}
interface Described {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: object[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  parameters?: { name: string; in: string; schema: Schema }[];
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Described>>;
  components: {
    schemas: Record<string, Schema>;
    responses: Record<string, Described['responses'][string]>;
    examples: Record<string, { value: Record<string, unknown> }>;
    securitySchemes: object;
  };
  servers: { url: string }[];
}

/** What other tools find wrong with a document: those that check it before they generate from it. */
const VALIDATORS: Record<string, (document: Document) => Promise<string[]>> = {
  Redocly: async (document) => {
    // A route that sends a browser on has no 2xx; each has its success, as the tests of the operations say.
    const rules = { 'operation-2xx-response': 'off' } as const;
    const config = await createConfig({ extends: ['recommended'], rules });
    const source = new Source('openapi.json', JSON.stringify(document));
    const problems = await lintDocument({
      document: makeDocumentFromString(source.body, source.absoluteRef),
      config,
      externalRefResolver: new BaseResolver(),
    });
    return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ''}`);
  },
  'the schema of OpenAPI 3.1': async (document) => {
    const { valid, errors } = await new Validator().validate(
      structuredClone(document) as unknown as Record<string, unknown>,
    );
    return valid ? [] : [JSON.stringify(errors)];
  },
  'Swagger Parser': async (document) => {
    await SwaggerParser.validate(structuredClone(document) as never);
    return [];
  },
};

/** The pages that show the document, and those of an account: for people, and no part of the API; and what signed addresses lead to. */
const HIDDEN = /^\/($|openapi\.json|docs(\/.*)?|redoc(\/.*)?|account(\/.*)?|files\/contents\/:id)$/;

const api = startWithTestProduct({ RATE_LIMITS: 'false' });
const ajv = newAjv();
const validators = new Map<string, ValidateFunction>();
const all = await operations(TEST_PRODUCT);
let document: Document;
let admin: TestUser;
let reader: TestUser;

beforeAll(async () => {
  document = (await api.request({ url: '/openapi.json' })).json();
  const { schemas } = document.components;
  const open = JSON.parse(JSON.stringify(schemas).replaceAll('"#/components/schemas/', '"document#/open/'));
  ajv.addSchema({ $id: 'document', components: { schemas: closed(schemas as unknown as Schema) }, open });
  [admin, reader] = [await api.admin(), await api.user()];
});

/** What an example meets whose secret only a mail or an authenticator knows, or whose provider is not configured. */
function refusalOf({ method, url, example = {} }: Operation): ErrorCodeName | undefined {
  if (url.startsWith('/auth/oauth/:provider/')) return 'provider_not_found';
  if (method === 'POST' && url.endsWith('/identities/:id')) return 'provider_not_found';
  if (url.endsWith('/activate') || 'credential' in example) return 'invalid_credentials';
  if ('mfa_token' in example) return 'mfa_token_invalid';
  return 'token' in example || 'code' in example ? 'one_time_token_invalid' : undefined;
}

const pathIn = (url: string): string => url.replace(/:(\w+)/g, '{$1}');
const described = ({ method, url }: Operation): Described => {
  const found = document.paths[pathIn(url)]?.[method.toLowerCase()];
  if (found === undefined) throw new Error(`${method} ${url} is not in the document`);
  const responses = Object.entries(found.responses).map(([status, response]) => [status, resolved(response)]);
  return { ...found, responses: Object.fromEntries(responses) };
};
/** What a reference to a response stands for. */
const resolved = (response: object): Described['responses'][string] => {
  if (!('$ref' in response)) return response as Described['responses'][string];
  const [, name = ''] = /^#\/components\/responses\/(.+)$/.exec(String(response.$ref)) ?? [];
  return document.components.responses[name] ?? expect.fail(String(response.$ref));
};

describe('the OpenAPI document', () => {
  it('has every route of the application and no other; only the pages that show it are left out', async () => {
    const routes = await liveRoutes({}, TEST_PRODUCT);
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(document.openapi).toBe('3.1.0');
    expect(listed.length).toBeGreaterThan(25);
    expect(listed.sort()).toEqual(all.map(({ method, url }) => `${method} ${pathIn(url)}`).sort());
    expect(routes.filter(({ hidden, url }) => hidden && !HIDDEN.test(url))).toEqual([]);
    const gets = new Set(routes.filter(({ method }) => method === 'GET').map(({ url }) => url));
    const heads = routes.filter(({ method, hidden }) => method === 'HEAD' && !hidden);
    expect(heads.filter(({ url }) => !gets.has(url))).toEqual([]);
  });

  it('refers only to what it holds, and calls nothing by a default name', () => {
    const text = JSON.stringify(document);
    for (const kind of ['schemas', 'responses'] as const) {
      const pattern = new RegExp(`"\\$ref":"#/components/${kind}/([^"]+)"`, 'g');
      const references = new Set([...text.matchAll(pattern)].map(([, name]) => name));
      expect(references.size).toBeGreaterThan(4);
      expect([...references].sort()).toEqual(Object.keys(document.components[kind]).sort());
    }
    for (const code of Object.keys(document.components.examples)) expect(ERROR_CODES).toHaveProperty(code);
    expect(text).not.toMatch(/"\$ref":"(?!#\/components\/(schemas|responses|examples)\/)|Default Response|def-\d/);
  });

  it('has a name of its own for every operation, every body and every success with a body', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const names = operations.map(({ operationId = '' }) => operationId);
    expect(names.filter((name) => !/^[a-z]+([A-Z][a-z]*)*$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    const isNamed = (media: Media): boolean => '$ref' in media.schema;
    const unnamed = operations.filter(({ requestBody, responses }) => {
      const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const contents = [requestBody?.content, ...successes.map(([, { content }]) => content)];
      return contents.some((content) =>
        // A picture or a file has no name for its bytes.
        Object.entries(content ?? {}).some(([type, m]) => /[/+]json$|form/.test(type) && !isNamed(m)),
      );
    });
    expect(unnamed.map(({ operationId }) => operationId)).toEqual([]);
  });

  it('refuses two different schemas of one title, and a page of nameless items', async () => {
    const person = (name: string) => Type.Object({ [name]: Type.String({ maxLength: 9 }) }, { title: 'Person' });
    const documentOf = async (...schemas: FastifySchema[]): Promise<unknown> => {
      const config = testConfig('postgresql://nobody@127.0.0.1:1/none', { LOG_LEVEL: 'silent' });
      const app = await buildApp(config, {
        routes: async (routes) => {
          for (const [n, schema] of schemas.entries())
            routes.get(`/person/${n}`, { config: { auth: 'public' }, schema }, async () => ({}));
        },
      });
      try {
        await app.ready();
        return app.swagger();
      } finally {
        await app.close();
      }
    };
    const route = (operationId: string, name: string) => ({ operationId, response: { 200: person(name) } });
    await expect(documentOf(route('one', 'a'), route('two', 'a'))).resolves.toBeDefined();
    await expect(documentOf(route('one', 'a'), route('two', 'b'))).rejects.toThrow(
      'Two different schemas of the document have the name Person',
    );
    expect(() => PageOf(Type.Object({}))).toThrow('needs a title');
  });

  it('tells the codes of each operation by status, so that a client can switch over them', () => {
    const codes = (name: string, status: string): unknown => {
      const operation = all.find((one) => one.name === name) ?? expect.fail(name);
      const schema = described(operation).responses[status]?.content?.['application/problem+json']?.schema;
      return (schema as { allOf: [object, { properties: { code: object } }] }).allOf[1].properties.code;
    };
    expect(codes('GET /users/:id', '404')).toEqual({ type: 'string', enum: ['user_not_found'] });
    expect(codes('POST /auth/login', '401')).toEqual({ type: 'string', enum: ['invalid_credentials'] });
  });

  it.each(Object.entries(VALIDATORS))('has no error by the recommended rules of %s', async (_name, problems) => {
    expect(await problems(document)).toEqual([]);
  });

  it('bounds every string, by its length or by what it can be', () => {
    const unbounded: string[] = [];
    walk(document as unknown as Schema, 'document', (schema, place) => {
      const isString = [schema.type].flat().includes('string');
      const isBounded = ['maxLength', 'format', 'enum', 'const'].some((keyword) => keyword in schema);
      if (isString && !isBounded) unbounded.push(place);
    });
    expect(unbounded).toEqual([]);
  });

  it('gives every property of a body, a query and an answer a type', () => {
    const untyped: string[] = [];
    walk(document as unknown as Schema, 'document', (schema, place) => {
      for (const [name, property] of Object.entries(schema.properties ?? {}))
        if (!['type', '$ref', 'const', 'enum', 'anyOf', 'oneOf'].some((keyword) => keyword in property))
          untyped.push(`${place}.${name}`);
    });
    expect(untyped).toEqual([]);
  });
});

describe.each(all.map((operation) => [operation.name, operation] as const))('%s', (_name, operation) => {
  it('says what it is, who may call it and what it answers with', () => {
    const { summary, tags, security, responses } = described(operation);
    expect(summary).toMatch(/^[A-Z].{4,80}[^.]$/);
    expect(tags).toHaveLength(1);
    expect(security).toEqual(operation.auth === 'public' ? [] : [{ oauth2: [] }, { bearer: [] }]);
    // A browser is sent on by 303.
    const successes = Object.entries(responses).filter(([status]) => status.startsWith('2') || status === '303');
    expect(successes.length).toBeGreaterThan(0);
    // What has no content is declared as null.
    const declared = operation.schema.response as Record<string, { type?: string }>;
    for (const [status, { content }] of successes)
      expect(content === undefined, status).toBe(declared[status]?.type === 'null');
  });

  it('declares its refusals, each with an example that its schema allows', () => {
    const { responses, requestBody, parameters } = described(operation);
    const examples = Object.entries(responses).flatMap(([status, { content }]) =>
      Object.keys(content?.['application/problem+json']?.examples ?? {}).map((code) => {
        const { value } = document.components.examples[code] ?? expect.fail(code);
        expect(value).toMatchObject({ code, status: Number(status) });
        expectValid('Problem', value);
        return code as ErrorCodeName;
      }),
    );
    for (const code of examples) expect(responses).toHaveProperty(String(ERROR_CODES[code].status));
    // A status of its own, such as the 503 of /health, stands in the place of the general one.
    const own = Object.entries(responses).filter(([, { content }]) => content && !content['application/problem+json']);
    const missing = operation.errors.filter((code) => {
      const status = String(ERROR_CODES[code as ErrorCodeName].status);
      return !examples.includes(code as ErrorCodeName) && !own.some(([taken]) => taken === status);
    });
    expect(missing).toEqual([]);
    const reads = requestBody !== undefined || parameters !== undefined;
    expect(examples.includes('validation_failed')).toBe(reads);
    expect(examples.includes('not_authenticated')).toBe(operation.auth !== 'public');
    const { name, auth } = operation;
    const mayForbid = auth === 'admin' || facts.refusals[name]?.includes('forbidden') === true;
    expect(examples.includes('forbidden'), `${name}: tests/product.ts, refusals`).toBe(mayForbid);
  });

  const itWithBody = operation.is_json || operation.is_form ? it : () => {};
  itWithBody('has an example of its body that its own schema accepts, and refuses with one field more', () => {
    const media = Object.values(described(operation).requestBody?.content ?? {});
    // A form of ours comes in either of its two encodings.
    const { consumes = ['application/json'] } = operation.schema as { consumes?: string[] };
    expect(media).toHaveLength(consumes.length);
    expect(media.at(-1)).toEqual(media[0]);
    const examples = examplesOf(operation);
    expect(examples.length).toBeGreaterThan(0);
    expect(JSON.stringify(media)).toContain(JSON.stringify(examples[0]));
    const accepts = validator(media[0]?.schema ?? {});
    for (const example of examples) {
      expect([accepts(example), accepts.errors]).toEqual([true, null]);
      expect(accepts({ ...example, surplus: 1 })).toBe(false);
    }
  });

  it('really answers as the document says, whether it serves or refuses', async () => {
    const caller = await callerOf(operation);
    const owner = operation.auth === 'admin' ? await api.user() : caller;
    const ids = await idsOf(owner, { known: all, api });
    const token = operation.auth === 'public' ? {} : { token: caller.access_token };
    const send = (change: Parameters<typeof requestTo>[1], query = '') => {
      const request = requestTo(operation, { ids, user: caller, ...change });
      return api.request({ ...request, ...token, url: `${request.url}${query}` });
    };
    const refusals = [
      await api.request(requestTo(operation, { ids })),
      await send({}, '?surplus=%ff'),
      ...(await Promise.all(elsewhere(operation, ids).map((ids) => send({ ids }, '?surplus=%00')))),
      ...(await refusedBodies(operation, { ...requestTo(operation, { ids, user: caller }), ...token })),
    ];
    for (const answer of refusals) expectDocumented(operation, answer);
    const served = await send({});
    expectDocumented(operation, served);
    const refusal = refusalOf(operation);
    if (refusal !== undefined) expect(served.json().code).toBe(refusal);
    // Some send their caller on.
    else expect(served.statusCode, served.body).toBeLessThan('303' in described(operation).responses ? 304 : 300);
  });
});

/** What only reads is asked by the same two for all operations; what changes something by a user of its own. */
async function callerOf({ auth, method, name }: Operation): Promise<TestUser> {
  if (auth === 'admin') return admin;
  return method === 'GET' || name === 'POST /kit-notes' ? reader : api.user();
}

async function refusedBodies({ method, example }: Operation, call: Request): Promise<LightMyRequestResponse[]> {
  if (method === 'GET') return [];
  const send = (type: string, payload: string): Promise<LightMyRequestResponse> =>
    api.request({ ...call, headers: { 'content-type': type }, payload });
  const bodies = [await send('application/json', '{'), await send('text/plain', 'x')];
  if (example !== undefined) bodies.push(await send('application/json', '{}'), await send('application/json', '1'));
  return bodies;
}

/** Ids that there are none of, for paths that have any; a path without would only be served. */
function elsewhere({ url }: Operation, ids: Record<string, string>): Record<string, string>[] {
  if (!url.includes(':')) return [];
  return ['019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d', 'no-id'].map((id) =>
    Object.fromEntries(Object.keys(ids).map((collection) => [collection, id])),
  );
}

function expectDocumented(operation: Operation, { statusCode, headers, body }: LightMyRequestResponse): void {
  const response = described(operation).responses[String(statusCode)];
  expect(response, `${operation.name} answers ${statusCode}: ${body}`).toBeDefined();
  const media = String(headers['content-type'] ?? '').split(';', 1)[0] ?? '';
  if (response?.content === undefined) {
    expect(body).toBe('');
    return;
  }
  const schema = response.content[media]?.schema;
  expect(schema, `${operation.name} answers ${statusCode} as ${media}`).toBeDefined();
  const accepts = validator(schema ?? {});
  const value: unknown = media.endsWith('json') ? JSON.parse(body) : body;
  expect([accepts(value), accepts.errors], `${operation.name} ${statusCode} ${body}`).toEqual([true, null]);
}

function expectValid(name: string, value: unknown): void {
  const accepts = validator({ $ref: `#/components/schemas/${name}` });
  expect([accepts(value), accepts.errors]).toEqual([true, null]);
}

function validator(schema: Schema): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = validators.get(text);
  if (known !== undefined) return known;
  const compiled = ajv.compile(closed(schema));
  validators.set(text, compiled);
  return compiled;
}

function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
  ajv.addVocabulary(['components', 'open', 'example']);
  ajv.addFormat('password', true);
  // A CommonJS module: its default export is the function itself.
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  return ajv;
}

/** The schema with nothing allowed but what it names, and its references led into the whole document. */
function closed(node: Schema): Schema {
  if (typeof node === 'string') return (node as string).replace(/^#\//, 'document#/') as unknown as Schema;
  if (Array.isArray(node)) return node.map(closed) as unknown as Schema;
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value as Schema)]));
  // The parts of a combination close it together.
  if ('allOf' in node)
    return { ...node, type: 'object', allOf: (node.allOf as Schema[]).map(led), unevaluatedProperties: false };
  const isOpen = 'properties' in copy && 'type' in node && !('additionalProperties' in copy);
  return isOpen ? { ...copy, additionalProperties: false } : copy;
}

/** The schema with its references led into the whole document, closed or not as it is there. */
function led(node: Schema): Schema {
  return JSON.parse(JSON.stringify(node).replaceAll('"#/components/schemas/', '"document#/open/'));
}

function walk(node: unknown, place: string, visit: (schema: Schema, place: string) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) visit(node as Schema, place);
  for (const [key, value] of Object.entries(node))
    if (key !== 'example' && key !== 'examples') walk(value, `${place}/${key}`, visit);
}
