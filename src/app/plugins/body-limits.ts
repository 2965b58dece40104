import type { RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** A JSON Schema as far as it bounds the text of a value. */
export interface Bounded {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  maxLength?: number;
  maxItems?: number;
  items?: Bounded;
  properties?: Record<string, Bounded>;
  additionalProperties?: boolean | Bounded;
  maxProperties?: number;
  anyOf?: readonly Bounded[];
  oneOf?: readonly Bounded[];
  allOf?: readonly Bounded[];
}

/** A code point outside the basic plane is two escapes: `\ud83d\ude00`. */
const MAX_BYTES_PER_CHARACTER = 12;
const MAX_BYTES_PER_SCALAR = 32;
/** Line breaks and indentation between the fields. */
const WHITESPACE_BYTES = 1024;
/** The limit of a body whose schema has no bound, and of a request to a route without a body. */
const MAX_BODY_BYTES = 1024 * 1024;
const EMPTY_BODY_BYTES = 1024;

/**
 * Limits each body to the longest text that its schema can accept, however a client escapes it. What is longer is refused
 * (`payload_too_large`) before it is read, so the cost of parsing and validating is bounded by route.
 * A route that sets `bodyLimit` keeps it.
 */
export const bodyLimitsPlugin = fastifyPlugin(async (app) => {
  app.addHook('onRoute', (route) => {
    route.bodyLimit ??= bodyLimit(route);
  });
});

function bodyLimit({ schema }: RouteOptions): number {
  if (schema?.body === undefined) return EMPTY_BODY_BYTES;
  // A route's body schema is a JSON Schema object by the application's own convention.
  const bytes = maxBytes(schema.body as Bounded);
  return Math.min(MAX_BODY_BYTES, bytes + WHITESPACE_BYTES);
}

/** The longest JSON text, in bytes, of a value that the schema accepts; Infinity if it sets no bound. */
export function maxBytes(schema: Bounded): number {
  const combined = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (combined !== undefined) return Math.max(...combined.map(maxBytes));
  if (schema.enum !== undefined) return Math.max(...schema.enum.map((value) => textBytes(JSON.stringify(value))));
  if (schema.const !== undefined) return textBytes(JSON.stringify(schema.const));
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(...types.map((type) => bytesOfType(type, schema)));
}

function bytesOfType(type: string, schema: Bounded): number {
  if (type === 'string') return textBytesOf(schema.maxLength ?? Number.POSITIVE_INFINITY);
  if (type === 'array') return (schema.maxItems ?? Number.POSITIVE_INFINITY) * (maxBytes(schema.items ?? {}) + 1) + 2;
  if (type === 'object') return objectBytes(schema);
  return MAX_BYTES_PER_SCALAR;
}

function objectBytes({ properties = {}, additionalProperties }: Bounded): number {
  if (additionalProperties !== false) return Number.POSITIVE_INFINITY;
  const fields = Object.entries(properties).map(([name, schema]) => textBytes(name) + maxBytes(schema) + 4);
  return fields.reduce((sum, bytes) => sum + bytes, 2);
}

function textBytes(text: string): number {
  return textBytesOf(text.length);
}

function textBytesOf(characters: number): number {
  return characters * MAX_BYTES_PER_CHARACTER + 2;
}
