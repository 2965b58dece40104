import type { Type as TypeBox } from 'typebox';

export type { Static, TSchema } from 'typebox';

type Schema = Record<string, unknown>;
type Properties = Record<string, object>;

/**
 * TypeBox's builders of schemas, as far as they are used here: its types, its values to the byte, and none of its 370
 * modules, which took a tenth of a start. `import { Type } from 'typebox'` has the others and fits together with these.
 */
export const Type = {
  Array: (items: object, options?: Schema) => create('Array', { type: 'array', items }, options),
  Boolean: (options?: Schema) => create('Boolean', { type: 'boolean' }, options),
  Integer: (options?: Schema) => create('Integer', { type: 'integer' }, options),
  Intersect: (allOf: object[], options?: Schema) => create('Intersect', { allOf }, options),
  Literal: (value: unknown, options?: Schema) => create('Literal', { type: typeof value, const: value }, options),
  Null: (options?: Schema) => create('Null', { type: 'null' }, options),
  Number: (options?: Schema) => create('Number', { type: 'number' }, options),
  Object: object,
  Omit: (schema: object, left_out: string[], options?: Schema) =>
    object(Object.fromEntries(propertiesOf(schema).filter(([name]) => !left_out.includes(name))), options),
  Optional: (schema: object) => mark(schema, '~optional', true),
  Partial: (schema: object, options?: Schema) =>
    object(Object.fromEntries(propertiesOf(schema).map(([name, of]) => [name, mark(of, '~optional', true)])), options),
  Record: (key: object, value: object, options?: Schema) =>
    create('Record', { type: 'object', patternProperties: { [patternOf(key)]: value } }, options),
  String: (options?: Schema) => create('String', { type: 'string' }, options),
  Union: (anyOf: object[], options?: Schema) => create('Union', { anyOf }, options),
  Unknown: (options?: Schema) => create('Unknown', {}, options),
  Unsafe: (schema: object) => mark(schema, '~unsafe', null),
  // The functions are as wide as JavaScript; their types are TypeBox's, from which a schema's values get theirs.
} as unknown as Pick<typeof TypeBox, Built>;

type Built =
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Intersect'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Omit'
  | 'Optional'
  | 'Partial'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
  | 'Unsafe';

function object(properties: Properties, options?: Schema): object {
  const required = Object.keys(properties).filter((name) => !Object.hasOwn(properties[name] ?? {}, '~optional'));
  return create('Object', { type: 'object', ...(required.length > 0 && { required }), properties }, options);
}

/** A schema that TypeBox knows by its hidden property. */
function create(kind: string, schema: Schema, options: Schema = {}): object {
  return hide({ ...schema, ...options }, '~kind', kind);
}

/** The schema again, with another hidden property; a schema that was marked before stays as it is. */
function mark(schema: object, name: string, value: unknown): object {
  return hide(Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)), name, value);
}

function hide(schema: object, name: string, value: unknown): object {
  return Object.defineProperty(schema, name, { value, configurable: true, writable: true, enumerable: false });
}

function propertiesOf(schema: { properties?: Properties }): [name: string, schema: object][] {
  if (schema.properties === undefined) throw new TypeError('Only an object has fields to choose from');
  return Object.entries(schema.properties);
}

function patternOf(key: { type?: unknown; pattern?: string }): string {
  if (key.type !== 'string') throw new TypeError('The names of a record are strings');
  return key.pattern ?? '^.*$';
}
