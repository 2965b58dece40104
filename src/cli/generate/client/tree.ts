import { answerOf, type Document, type Operation, type Schema, schemaOf, successesOf } from './document.ts';
import { block, comment, key, operationsOf, parametersType, type RefWriter, typeOf, union } from './types.ts';

/** A method of the client: where it stands, how it is called, and what the runtime has to know. */
interface Method {
  group: string;
  name: string;
  signature: string;
  route: string;
}

type Named = ReturnType<typeof operationsOf>[number];

/** What any operation may answer; the comment of a method names the others. */
const COMMON =
  /^(malformed_request|validation_failed|payload_too_large|unsupported_media_type|rate_limited|service_unavailable|internal_error|not_authenticated|token_(invalid|expired)|session_ended|account_disabled)$/;

/** `interface Api` and the routes behind it. */
export function treeOf(document: Document, reference: RefWriter): { api: string; routes: string } {
  const resources = [...new Set(Object.keys(document.paths).map((path) => firstSegment(path)))];
  // The session refreshes by itself; a second refresh beside it would make its token stale.
  // What answers by a redirect alone is opened in a browser, not called.
  const operations = operationsOf(document).filter(
    (operation) => operation.operationId !== 'refresh' && successesOf(document, operation).length > 0,
  );
  const methods = operations.flatMap((operation) => methodsOf(document, operation, { resources, reference }));
  requireUnique(methods);
  const groups = Object.entries(Object.groupBy(methods, ({ group }) => group));
  const blockOf = (part: (method: Method) => string): [string, string][] =>
    groups.map(([group, own = []]) => [key(group), block(own.map(part))]);
  return {
    api: block(blockOf(({ signature }) => signature).map(([group, body]) => `${group}: ${body};`)),
    routes: block(
      blockOf(({ name, route }) => `${key(name)}: ${JSON.stringify(route)},`).map(
        ([group, body]) => `${group}: ${body},`,
      ),
    ),
  };
}

function methodsOf(
  document: Document,
  operation: Named,
  { resources, reference }: { resources: string[]; reference: RefWriter },
): Method[] {
  const { group, name } = placeOf(operation, resources);
  const method = (suffix: { name: string; flags: string; signature: string }): Method => ({
    group,
    name: suffix.name,
    signature: `${comment(...aboutOf(document, operation))}${key(suffix.name)}${suffix.signature};`,
    route: `${operation.method} ${operation.path} ${suffix.flags}`.trimEnd(),
  });
  const flags = flagsOf(document, operation);
  const result = `Promise<${resultOf(document, operation, reference)}>`;
  const own = method({ name, flags, signature: `(${argumentsOf(operation, reference)}): ${result}` });
  const item = itemOf(document, operation);
  if (item === undefined) return [own];
  const withoutCursor = { ...operation, parameters: operation.parameters?.filter((one) => one.name !== 'cursor') };
  const each = `(${argumentsOf(withoutCursor as Named, reference)}): AsyncIterable<${typeOf(item, reference)}>`;
  return [own, method({ name: name.replace(/^list/, 'all'), flags: `${flags}p`, signature: each })];
}

/** `listUserSessions` of `/users/{id}/sessions` is `users.listSessions`, `createItem` of `/items` is `items.create`. */
function placeOf({ operationId, path }: Named, resources: string[]): { group: string; name: string } {
  const [, verb = '', noun = ''] = /^([a-z0-9]+)(.*)$/.exec(operationId) ?? [];
  const nested = resources.find((word) => path.split('/').includes(word) && nounsOf(word).includes(noun));
  const resource = nested ?? firstSegment(path);
  const own = nounsOf(resource).find((word) => noun.startsWith(word) && /^([A-Z0-9]|$)/.test(noun.slice(word.length)));
  return { group: camel(resource), name: verb + noun.slice(own?.length ?? 0) };
}

function firstSegment(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The forms of a segment in operation ids, longest first: `AuditEvents`, `AuditEvent`. */
function nounsOf(segment: string): string[] {
  const plural = segment.replace(/(?:^|[^a-zA-Z0-9]+)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const singulars = [plural.replace(/ies$/, 'y'), plural.replace(/es$/, ''), plural.replace(/s$/, '')];
  return [...new Set([plural, ...singulars])].filter((word) => word !== '').sort((a, b) => b.length - a.length);
}

function camel(segment: string): string {
  const words = segment.replace(/^\W+/, '').split(/[^a-zA-Z0-9]+/);
  return words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
}

function argumentsOf({ path, parameters = [], requestBody }: Named, reference: RefWriter): string {
  const values = [...path.matchAll(/{(\w+)}/g)].map(([, name = '']) => `${name}: string`);
  const query = parameters.filter((parameter) => parameter.in === 'query');
  const isQueryOptional = !query.some(({ required }) => required);
  return [
    ...values,
    ...(requestBody ? [`body${requestBody.required ? '' : '?'}: ${bodyOf(requestBody.content, reference)}`] : []),
    ...(query.length > 0 ? [`query${isQueryOptional ? '?' : ''}: ${parametersType(query, reference)}`] : []),
    'options?: CallOptions',
  ].join(', ');
}

function bodyOf(content: Record<string, { schema?: Schema }>, reference: RefWriter): string {
  const kind = kindOf(content);
  if (kind === 'r') return "NonNullable<RequestInit['body']>";
  const [, { schema }] = Object.entries(content).find(([type]) => TYPES[kind].test(type)) ?? ['', {}];
  return schema ? typeOf(schema, reference) : 'unknown';
}

const TYPES = { j: /json/, f: /^application\/x-www-form-urlencoded$/ };

function kindOf(content: object): 'j' | 'f' | 'r' {
  const types = Object.keys(content);
  if (types.some((type) => TYPES.j.test(type))) return 'j';
  return types.some((type) => TYPES.f.test(type)) ? 'f' : 'r';
}

/** The runtime's letters, as packages/client/src/runtime/client.ts names them. */
function flagsOf(document: Document, operation: Named): string {
  const { parameters = [], requestBody, security, operationId } = operation;
  const answersPair = successesOf(document, operation).some(({ content = {} }) =>
    Object.values(content).some(
      ({ schema }) => schema && 'access_token' in (schemaOf(document, schema).properties ?? {}),
    ),
  );
  return [
    parameters.some((parameter) => parameter.in === 'query') ? 'q' : '',
    requestBody ? kindOf(requestBody.content) : '',
    security?.length === 0 ? 'o' : '',
    answersPair ? 's' : '',
    operationId === 'logout' ? 'x' : '',
  ].join('');
}

function resultOf(document: Document, operation: Operation, reference: RefWriter): string {
  const types = successesOf(document, operation).flatMap(({ content = {} }) => {
    const contents = Object.entries(content);
    if (contents.length === 0) return ['undefined'];
    return contents.map(([type, { schema }]) => {
      if (type.includes('json')) return schema ? typeOf(schema, reference) : 'unknown';
      return type.startsWith('text/') ? 'string' : 'Response';
    });
  });
  const all = union(types);
  return all === 'undefined' ? 'void' : all;
}

/** What a page of the operation is a page of. */
function itemOf(document: Document, operation: Operation): Schema | undefined {
  if (!operation.parameters?.some(({ name }) => name === 'cursor')) return undefined;
  const schema = successesOf(document, operation)[0]?.content?.['application/json']?.schema;
  const { items, next_cursor } = (schema && schemaOf(document, schema).properties) ?? {};
  return next_cursor && items?.items;
}

function aboutOf(document: Document, { summary, description, responses, deprecated }: Operation): string[] {
  const codes = Object.values(responses).flatMap((answer) =>
    [...(answerOf(document, answer).description.matchAll(/^`([a-z_]+)`: /gm) ?? [])].map(([, code = '']) => code),
  );
  const own = codes.filter((code) => !COMMON.test(code)).map((code) => `\`${code}\``);
  return [
    summary ?? '',
    description ?? '',
    ...(own.length > 0 ? [`@throws {ApiError} ${own.join(', ')}`] : []),
    ...(deprecated ? ['@deprecated'] : []),
  ];
}

function requireUnique(methods: Method[]): void {
  const seen = new Set<string>();
  for (const { group, name, route } of methods) {
    const place = `${group}.${name}`;
    if (seen.has(place)) throw new Error(`Two operations would be ${place} of the client; one is ${route}`);
    seen.add(place);
  }
}
