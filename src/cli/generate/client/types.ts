import {
  type Answer,
  type Document,
  METHODS,
  nameOf,
  type Operation,
  type Reference,
  type Schema,
} from './document.ts';

/** How a reference to a schema is written. */
export type RefWriter = (name: string) => string;

const NEVER = 'query?: never; header?: never; path?: never; cookie?: never';
const PLACES = ['query', 'header', 'path', 'cookie'] as const;
const inComponents: RefWriter = (name) => `components["schemas"][${JSON.stringify(name)}]`;

/** `paths`, `components` and `operations` in the shape of openapi-typescript, which openapi-fetch and others read. */
export function documentTypes(document: Document): string {
  const { schemas, responses = {} } = document.components;
  return [
    `export interface paths ${block(Object.entries(document.paths).map(([path, item]) => pathType(path, item)))}`,
    'export type webhooks = Record<string, never>;',
    `export interface components ${block([
      `schemas: ${block(Object.entries(schemas).map(([name, schema]) => property(name, schema, '')))};`,
      `responses: ${block(Object.entries(responses).map(([name, answer]) => `${key(name)}: ${answerType(answer)};`))};`,
      'parameters: never;',
      'requestBodies: never;',
      'headers: never;',
      'pathItems: never;',
    ])}`,
    'export type $defs = Record<string, never>;',
    `export interface operations ${block(operationsOf(document).map((operation) => `${key(operation.operationId)}: ${operationType(operation)};`))}`,
  ].join('\n\n');
}

/** Every operation, each with the name that it must have. */
export function operationsOf({
  paths,
}: Document): (Operation & { operationId: string; method: string; path: string })[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const { operationId } = operation;
      if (operationId === undefined) throw new Error(`${method.toUpperCase()} ${path} has no operationId`);
      return [{ ...operation, operationId, method: method.toUpperCase(), path }];
    }),
  );
}

/** A schema as a type of TypeScript. */
export function typeOf(schema: Schema, reference: RefWriter = inComponents): string {
  const inner = (part: Schema): string => typeOf(part, reference);
  if (schema.$ref !== undefined) return reference(nameOf(schema.$ref));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  if (schema.allOf !== undefined) return schema.allOf.map(inner).map(grouped).join(' & ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return union(choices.map(inner));
  const types = [schema.type ?? (schema.properties ? 'object' : 'unknown')].flat();
  return union(types.map((type) => typeOfKind(type, schema, reference)));
}

/** A comment above what it tells of; nothing without text. */
export function comment(...lines: (string | undefined)[]): string {
  const text = lines
    .filter((line) => line !== undefined && line !== '')
    .join('\n')
    .replaceAll('*/', '*\\/')
    .split('\n');
  if (text.join('') === '') return '';
  return text.length === 1
    ? `/** ${text[0]} */\n`
    : `/**\n${text.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

/** A body of members, one step further in. */
export function block(members: string[]): string {
  if (members.length === 0) return 'Record<string, never>';
  return `{\n${members.join('\n').replace(/^(?=.)/gm, '  ')}\n}`;
}

/** A name as a key: in quotes if it is neither an identifier nor a number, which openapi-fetch tells from text. */
export function key(name: string): string {
  return /^([A-Za-z_$][\w$]*|[1-9]\d*)$/.test(name) ? name : JSON.stringify(name);
}

export function union(types: string[]): string {
  return [...new Set(types)].map(grouped).join(' | ');
}

function grouped(type: string): string {
  return /^[^{"]* [|&] /.test(type) ? `(${type})` : type;
}

function typeOfKind(type: string, schema: Schema, reference: RefWriter): string {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'array': {
      const item = schema.items ? typeOf(schema.items, reference) : 'unknown';
      return / [|&] /.test(item) ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return objectType(schema, reference);
    default:
      return 'unknown';
  }
}

function objectType({ properties, required = [], additionalProperties: more }: Schema, reference: RefWriter): string {
  const values = typeof more === 'object' ? typeOf(more, reference) : 'unknown';
  if (properties === undefined) return more === false ? 'Record<string, never>' : `{ [key: string]: ${values} }`;
  const members = Object.entries(properties).map(([name, schema]) =>
    property(name, schema, required.includes(name) ? '' : '?', reference),
  );
  return block(more ? [...members, `[key: string]: ${values};`] : members);
}

function property(name: string, schema: Schema, optional: '' | '?', reference?: RefWriter): string {
  const about = comment(schema.description, schema.deprecated ? '@deprecated' : undefined);
  return `${about}${key(name)}${optional}: ${typeOf(schema, reference)};`;
}

function pathType(path: string, item: Record<string, Operation>): string {
  const methods = METHODS.map((method) => {
    const { operationId, summary, description } = item[method] ?? {};
    if (operationId === undefined) return `${method}?: never;`;
    return `${comment(summary, description)}${method}: operations[${JSON.stringify(operationId)}];`;
  });
  return `${JSON.stringify(path)}: ${block([`parameters: { ${NEVER} };`, ...methods])};`;
}

function operationType({ parameters = [], requestBody, responses }: Operation): string {
  const places = PLACES.map((place) => {
    const own = parameters.filter((parameter) => parameter.in === place);
    if (own.length === 0) return `${place}?: never;`;
    return `${place}${own.some(({ required }) => required) ? '' : '?'}: ${parametersType(own)};`;
  });
  const body =
    requestBody === undefined
      ? 'requestBody?: never;'
      : `requestBody${requestBody.required ? '' : '?'}: { content: ${contentType(requestBody.content)} };`;
  const answers = Object.entries(responses).map(([status, answer]) => `${key(status)}: ${answerType(answer)};`);
  return block([`parameters: ${block(places)};`, body, `responses: ${block(answers)};`]);
}

/** The parameters of one place as an object. */
export function parametersType(parameters: NonNullable<Operation['parameters']>, reference?: RefWriter): string {
  return block(
    parameters.map(({ name, required, description, schema }) =>
      property(name, { ...schema, ...(description !== undefined && { description }) }, required ? '' : '?', reference),
    ),
  );
}

function answerType(answer: Answer | Reference): string {
  if ('$ref' in answer) return `components["responses"][${JSON.stringify(nameOf(answer.$ref))}]`;
  const { content } = answer;
  const body = content === undefined ? 'content?: never;' : `content: ${contentType(content)};`;
  return block(['headers: { [name: string]: unknown };', body]);
}

function contentType(content: Record<string, { schema?: Schema }>): string {
  return block(
    Object.entries(content).map(
      ([type, { schema }]) => `${JSON.stringify(type)}: ${schema ? typeOf(schema) : 'unknown'};`,
    ),
  );
}
