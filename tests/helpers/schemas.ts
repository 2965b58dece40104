import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const ajv = new Ajv2020({ strict: false });
// A CommonJS module: its default export is the function itself.
(formats as unknown as (ajv: Ajv2020) => void)(ajv);
const compiled = new WeakMap<object, ValidateFunction>();

/** True if the schema of a route takes the value as it is: nothing is turned into another type. */
export function accepts(schema: unknown, value: unknown): boolean {
  // A route's schemas are plain objects by Fastify's definition.
  const key = schema as object;
  const validate = compiled.get(key) ?? ajv.compile(JSON.parse(JSON.stringify(schema)));
  compiled.set(key, validate);
  return validate(value);
}

/** The properties of a body's or a query's schema. */
export function propertiesOf(schema: unknown): [name: string, property: object][] {
  return Object.entries((schema as { properties?: Record<string, object> } | undefined)?.properties ?? {});
}

/** True for a body that takes no other fields than its own. */
export function isClosed(schema: unknown): boolean {
  return (schema as { additionalProperties?: unknown } | undefined)?.additionalProperties === false;
}
