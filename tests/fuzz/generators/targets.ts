import fc, { type Arbitrary } from 'fast-check';
import { STRANGE_NAMES } from '../corpora/strings.ts';
import type { Operation, Parameter } from '../document.ts';
import { percentEncode } from './encoding.ts';
import { nearString, textOf, validValue } from './values.ts';

/** Escapes that are none, or mean something else to the next reader. */
const RAW_ESCAPES = [
  '%',
  '%zz',
  '%ff',
  '%c0%a7',
  '%00',
  '%2e%2e',
  '%2F',
  '%252e',
  '%u0041',
  '%F0%9F%98',
  '%20',
  ';a=b',
  '+',
];
const RAW_QUERIES = [
  '',
  '?',
  '&&&',
  '=',
  '=&=',
  'a',
  'a=b=c',
  '%',
  '%ff=%ff',
  'limit',
  'limit=',
  '?limit=1',
  '#x',
  'a;b',
  '[]=1',
];
/** Pages that are not in the document, and files that a careless server would give away. */
const ELSEWHERE = [
  '/.env',
  '/.git/config',
  '/package.json',
  '/../etc/passwd',
  '/..%2f..%2fetc%2fpasswd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/static/../../package.json',
  '/redoc/../package.json',
  '/docs/static/..%2f..%2fpackage.json',
  '/users/',
  '//users',
  '/USERS',
  '/users%2f',
  '/users;a=b',
  '/users/018cc251-f401-7000-8000-000000000001/',
  '/admin',
  '/auth',
  '/auth/me/',
  '/health/',
  '/',
  '/*',
  '/:id',
  '/__proto__',
  '/constructor',
  `/${'a/'.repeat(3000)}`,
  `/kit-notes/${'a'.repeat(15_000)}`,
];

/** Request targets of an operation: path and query, from right to absurd; always a form that HTTP can carry. */
export function targetFor({ path, parameters }: Operation): Arbitrary<string> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  return fc.tuple(pathOf(path, inPath), queryOf(inQuery)).map(([path, query]) => path + query);
}

/** Targets of no operation. */
export function targetElsewhere(): Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...ELSEWHERE),
    fc.webPath().map((path) => `/${path.replace(/^\/+/, '')}`),
  );
}

function pathOf(template: string, parameters: readonly Parameter[]): Arbitrary<string> {
  const named = parameters.map(({ name, schema }) => ({ name: meaningOf(name, template), schema }));
  const values = named.map(({ name, schema }) =>
    fc.oneof(
      { weight: 6, arbitrary: validValue(schema, name).map((value) => percentEncode(String(value))) },
      { weight: 2, arbitrary: nearString(schema, name).map(percentEncode) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(validValue(schema, name), fc.constantFrom(...RAW_ESCAPES), fc.boolean())
          .map(([value, escaped, alone]) => (alone ? escaped : percentEncode(String(value)) + escaped)),
      },
    ),
  );
  return fc.tuple(...values).map((texts) => {
    const byName = new Map(parameters.map(({ name }, index) => [name, texts[index] ?? '']));
    return template.replace(/\{(\w+)\}/g, (_, name: string) => byName.get(name) ?? '');
  });
}

/** An `id` is one of what its path is about. */
function meaningOf(name: string, template: string): string {
  const resource = /(\w+)s\/\{id\}/.exec(template)?.[1];
  return name === 'id' && resource !== undefined ? `${resource}_id` : name;
}

function queryOf(parameters: readonly Parameter[]): Arbitrary<string> {
  const strange = fc
    .tuple(fc.constantFrom(...STRANGE_NAMES), nearString({}, ''))
    .map(([name, value]) => pair(name, value));
  const raw = fc.constantFrom(...RAW_QUERIES);
  const many = fc.constantFrom(1, 1000).map((count) => 'a=1&'.repeat(count));
  const rare = fc.oneof(
    { weight: 4, arbitrary: strange },
    { weight: 4, arbitrary: raw },
    { weight: 1, arbitrary: many },
  );
  const none = fc.constant('');
  if (parameters.length === 0)
    return fc.oneof({ weight: 12, arbitrary: none }, { weight: 1, arbitrary: asQuery(rare) });
  const some = fc.tuple(...parameters.map(parameterText)).map((pairs) => pairs.filter((text) => text !== '').join('&'));
  const extended = fc.tuple(some, rare).map((parts) => parts.filter((part) => part !== '').join('&'));
  return fc.oneof(
    { weight: 3, arbitrary: none },
    { weight: 8, arbitrary: asQuery(some) },
    { weight: 1, arbitrary: asQuery(extended) },
  );
}

/** Absent, right, nearly right, or there twice or as a list. */
function parameterText({ name, schema }: Parameter): Arbitrary<string> {
  const valid = validValue(schema, name).map(textOf);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    { weight: 6, arbitrary: valid.map((value) => pair(name, value)) },
    { weight: 1, arbitrary: nearString(schema, name).map((value) => pair(name, value)) },
    { weight: 1, arbitrary: valid.map((value) => odd(name, value)) },
  );
}

function odd(name: string, value: string): string {
  const forms = [`${pair(name, value)}&${pair(name, value)}`, pair(`${name}[]`, value), pair(`${name}[x]`, value)];
  return forms[value.length % forms.length] ?? '';
}

function pair(name: string, value: string): string {
  return `${percentEncode(name)}=${percentEncode(value)}`;
}

function asQuery(text: Arbitrary<string>): Arbitrary<string> {
  return text.map((query) => `?${query}`);
}
