/** The part of JSON Schema that the document uses. */
export interface Schema {
  type?: string | readonly string[];
  format?: string;
  pattern?: string;
  enum?: readonly unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
}

export interface Parameter {
  in: 'path' | 'query';
  name: string;
  schema: Schema;
}

/** What an operation may answer with under one status. */
export interface Reply {
  media_type: string;
  schema: Schema;
  /** The further types that the client may ask for, such as lines of JSON beside CSV. */
  others: ReadonlyMap<string, Schema>;
  /** The error codes that it names; empty for a success. */
  codes: readonly string[];
}

export interface Operation {
  /** `GET /kit-notes/{id}` */
  name: string;
  method: string;
  path: string;
  parameters: readonly Parameter[];
  body?: { media_type: string; schema: Schema };
  /** By status; `undefined` stands for an answer without a body. */
  replies: ReadonlyMap<number, Reply | undefined>;
  access: 'public' | 'user' | 'admin';
}

interface Media {
  schema?: Schema;
  examples?: Record<string, unknown>;
}

interface Described {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
  security?: unknown[];
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, unknown>>;
}

/** Every operation of an OpenAPI document, its references replaced by what they stand for. */
export function readOperations(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) =>
      // The document is ours; what it holds is what its own tests say.
      toOperation({ method: method.toUpperCase(), path }, resolve(described, document) as Described),
    ),
  );
}

/** The operation that a method and a request target mean, or `undefined` where the document has none. */
export function operationFor(operations: readonly Operation[], method: string, target: string): Operation | undefined {
  const [path = ''] = target.split('?', 1);
  const segments = path.split('/');
  const fits = (template: string[]): boolean =>
    template.length === segments.length &&
    template.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]));
  const candidates = operations.filter((operation) => operation.method === method && fits(operation.path.split('/')));
  // A literal path wins over one with a parameter, as it does in the router.
  return candidates.find(({ path }) => !path.includes('{')) ?? candidates[0];
}

function toOperation({ method, path }: { method: string; path: string }, described: Described): Operation {
  const [body] = Object.entries(described.requestBody?.content ?? {});
  const replies = new Map(
    Object.entries(described.responses).map(([status, { content }]) => [Number(status), toReply(content)]),
  );
  const isAdmin = replies.get(403)?.codes.includes('forbidden') === true;
  const secured = isAdmin ? 'admin' : 'user';
  return {
    name: `${method} ${path}`,
    method,
    path,
    parameters: described.parameters ?? [],
    ...(body && { body: { media_type: body[0], schema: body[1].schema ?? {} } }),
    replies,
    access: described.security?.length === 0 ? 'public' : secured,
  };
}

function toReply(content: Record<string, Media> = {}): Reply | undefined {
  const [first, ...more] = Object.entries(content);
  if (first === undefined) return undefined;
  const [media_type, { schema = {}, examples = {} }] = first;
  const others = new Map(more.map(([type, { schema = {} }]) => [type, schema]));
  return { media_type, schema, others, codes: Object.keys(examples) };
}

function resolve(node: unknown, document: OpenApiDocument): unknown {
  if (Array.isArray(node)) return node.map((inner) => resolve(inner, document));
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node && typeof node.$ref === 'string') return resolve(lookUp(node.$ref, document), document);
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value, document)]));
}

function lookUp(reference: string, document: OpenApiDocument): unknown {
  const steps = reference.split('/').slice(1);
  return steps.reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], document);
}
