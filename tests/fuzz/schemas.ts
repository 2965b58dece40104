import ajvCompiler from '@fastify/ajv-compiler';
import type { Schema } from './document.ts';

/** Says what in a value is not as the schema wants it; empty where all is. */
export type Check = (value: unknown) => string[];

/** Makes checks of answers: nothing is coerced, and a member that the schema does not name is a fault. */
export function createChecker(): (schema: Schema) => Check {
  const known = new Map<Schema, Check>();
  const options = { removeAdditional: false, useDefaults: false, coerceTypes: false, allErrors: true } as const;
  const compile = ajvCompiler()({}, { customOptions: options });
  return (schema) => {
    const check = known.get(schema) ?? toCheck(compile({ schema: closed(schema), method: '', url: '', httpPart: '' }));
    known.set(schema, check);
    return check;
  };
}

interface Validate {
  (value: unknown): unknown;
  errors?: readonly { instancePath?: string; message?: string; params?: unknown }[] | null;
}

function toCheck(validate: Validate): Check {
  return (value) => {
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** What an answer has beyond the document is a leak until somebody documents it. */
function closed(combined: Schema): Schema {
  const schema = merged(combined);
  const { properties, items } = schema;
  return {
    ...schema,
    ...(properties && {
      additionalProperties: schema.additionalProperties ?? false,
      properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, closed(inner)])),
    }),
    ...(items && { items: closed(items) }),
  };
}

/** A combination of objects as one object. */
function merged({ allOf, ...schema }: Schema): Schema {
  if (allOf === undefined) return schema;
  const parts = [schema, ...allOf.map(merged)];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: [...new Set(parts.flatMap(({ required = [] }) => required))],
  };
}
