import { gzipSync } from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import { STRANGE_NAMES } from '../corpora/strings.ts';
import type { Operation, Schema } from '../document.ts';
import { percentEncode } from './encoding.ts';
import { nearText, validValue } from './values.ts';

export interface Body {
  bytes: Buffer;
  /** The Content-Type; `undefined` leaves it away. */
  media_type: string | undefined;
  /** Headers that belong to this body. */
  headers?: readonly (readonly [string, string])[];
}

/** A member of an object as JSON text, so that there can be two of a name. */
type Field = readonly [name: string, text: string];

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const MIB = 1024 * 1024;

/** Texts that are no JSON, or JSON that readers disagree about. */
const BROKEN_JSON: readonly string[] = [
  '',
  ' ',
  'null',
  'true',
  '1',
  '"x"',
  '"123"',
  '[]',
  '[{}]',
  '{}',
  '\ufeff{}',
  '{} {}',
  '{"a":1,}',
  '{a:1}',
  "{'a':1}",
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":NaN}',
  '{"a":undefined}',
  '{"a":"\t"}',
  '{"a":"\\x41"}',
  '{"a":"\\u12"}',
  '{"a":1}//',
  '/**/{}',
  '{"__proto__":{"isAdmin":true}}',
  '{"\\u005f_proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"a":{"__proto__":[]}}',
  '['.repeat(500),
  '['.repeat(100_000),
  '{"a":'.repeat(100_000),
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  `{"a":"\\u0000${'['.repeat(10)}"}`,
  `{"title":${'['.repeat(5000)}"\\u0000"${']'.repeat(5000)}}`,
  `{${Array.from({ length: 3000 }, (_, number) => `"k${number}":1`).join(',')}}`,
  `{"title":"${'a'.repeat(9_999)}"}`,
];

const MEDIA_TYPES: readonly (string | undefined)[] = [
  undefined,
  '',
  'text/plain',
  'application/json; charset=utf-16',
  'application/json;charset=ISO-8859-1',
  'APPLICATION/JSON',
  'application/json, text/plain',
  'application/jsonp',
  'application/vnd.api+json',
  'application/json/x',
  'application/xml',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/json;'.repeat(200),
  '*/*',
  'a',
  '/',
  FORM_TYPE,
  JSON_TYPE,
];

/** Bodies for an operation, from right to absurd; for one that takes none, mostly none. */
export function bodyFor({ body }: Operation): Arbitrary<Body | undefined> {
  const absurd = fc.oneof(
    fc.constantFrom(...BROKEN_JSON).map(json),
    fc.json({ maxDepth: 6 }).map(json),
    bytes(),
    fc.constantFrom(...MEDIA_TYPES).map((media_type) => ({ ...json('{"title":"a"}'), media_type })),
  );
  if (body === undefined) {
    return fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: absurd });
  }
  const isForm = body.media_type === FORM_TYPE;
  const encode = isForm ? form : object;
  const valid = validFields(body.schema);
  return fc.oneof(
    { weight: 6, arbitrary: valid.map(encode) },
    { weight: 8, arbitrary: mutated(valid, body.schema).map(encode) },
    { weight: 4, arbitrary: absurd },
    { weight: 1, arbitrary: valid.map(isForm ? object : form) },
    { weight: 1, arbitrary: fc.tuple(valid.map(encode), disguise()).map(([good, put]) => put(good)) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

function validFields(schema: Schema): Arbitrary<Field[]> {
  const { oneOf = [{}], properties = {}, required = [] } = schema;
  return fc.oneof(
    ...oneOf.map((branch) => {
      const needed = new Set([...required, ...(branch.required ?? [])]);
      const fields = Object.entries({ ...properties, ...branch.properties }).map(([name, inner]) => {
        const field = validValue(inner, name).map((value): Field[] => [[name, JSON.stringify(value)]]);
        return needed.has(name) ? field : fc.oneof(field, fc.constant<Field[]>([]));
      });
      return fc.tuple(...fields).map((found) => found.flat());
    }),
  );
}

/** One thing wrong: a value, a name, a member too few, too many or twice. */
function mutated(valid: Arbitrary<Field[]>, { properties = {} }: Schema): Arbitrary<Field[]> {
  const wrongValues = Object.entries(properties).map(([name, inner]) =>
    fc.tuple(valid, nearText(inner, name)).map(([fields, text]) => {
      const others = fields.filter(([other]) => other !== name);
      return [...others, [name, text] satisfies Field];
    }),
  );
  const one = fc.tuple(valid, fc.nat(7), fc.constantFrom(...STRANGE_NAMES), nearText({}, ''));
  const wrongShape = one.map(([fields, at, strange, text]): Field[] => {
    const [name = '', value = '1'] = fields[at % Math.max(fields.length, 1)] ?? [];
    if (at < 2) return fields.filter(([other]) => other !== name);
    if (at < 4) return [...fields, [name, text]];
    if (at < 5) return [...fields.filter(([other]) => other !== name), [name.toUpperCase(), value]];
    return [...fields, [strange, text]];
  });
  return fc.oneof({ weight: 3, arbitrary: fc.oneof(...wrongValues) }, { weight: 2, arbitrary: wrongShape });
}

/** Bytes that are no text, too many of them, or less than they claim. */
function bytes(): Arbitrary<Body> {
  const invalid = fc
    .constantFrom('ff', 'c0a7', 'eda080', 'f8888080', 'c3', 'e28228', 'feff007b007d', '00')
    .map((hex) => Buffer.concat([Buffer.from('{"title":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')]));
  const sized = fc
    .constantFrom(MIB - 20, MIB - 1, MIB, MIB + 1)
    .map((size) => Buffer.from(`{"title":"${'a'.repeat(size - 12)}"}`));
  return fc
    .oneof(
      { weight: 12, arbitrary: invalid },
      { weight: 12, arbitrary: fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)) },
      { weight: 1, arbitrary: sized },
    )
    .map((bytes) => ({ bytes, media_type: JSON_TYPE }));
}

/** The same body in a coding that nobody agreed on. */
function disguise(): Arbitrary<(body: Body) => Body> {
  return fc.constantFrom(
    (body: Body): Body => ({ ...body, bytes: gzipSync(body.bytes), headers: [['Content-Encoding', 'gzip']] }),
    (body: Body): Body => ({ ...body, headers: [['Content-Encoding', 'identity']] }),
    (body: Body): Body => ({ ...body, headers: [['Content-Encoding', 'br, gzip, zstd']] }),
    (body: Body): Body => ({ ...body, bytes: Buffer.from(body.bytes.toString(), 'utf16le') }),
    (body: Body): Body => ({ ...body, media_type: `${body.media_type}; charset=utf-8` }),
    (body: Body): Body => ({ ...body, headers: [['Content-Type', 'text/plain']] }),
    (body: Body): Body => ({ ...body, headers: [['Content-MD5', 'x']] }),
    (body: Body): Body => ({ ...body, headers: [['Expect', '100-continue']] }),
  );
}

function json(text: string): Body {
  return { bytes: Buffer.from(text), media_type: JSON_TYPE };
}

function object(fields: readonly Field[]): Body {
  return json(`{${fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`);
}

function form(fields: readonly Field[]): Body {
  const pairs = fields.map(([name, text]) => `${percentEncode(name)}=${percentEncode(plain(text))}`);
  return { bytes: Buffer.from(pairs.join('&')), media_type: FORM_TYPE };
}

/** What a JSON text says where there is only text. */
function plain(text: string): string {
  return text.startsWith('"') ? String(JSON.parse(text)) : text;
}
