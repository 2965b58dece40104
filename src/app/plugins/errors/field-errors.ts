import type { FastifyRequest, FastifySchema } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import type { AppError, FieldError } from '../../utils/errors.ts';

const MAX_FIELD_ERRORS = 20;
const PART_NAMES: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' };

/** Pydantic's names of the same rules. */
const RULE_TYPES: Record<string, string> = {
  required: 'missing',
  additionalProperties: 'extra_forbidden',
  minLength: 'string_too_short',
  maxLength: 'string_too_long',
  pattern: 'string_pattern_mismatch',
  minimum: 'greater_than_equal',
  maximum: 'less_than_equal',
  exclusiveMinimum: 'greater_than',
  exclusiveMaximum: 'less_than',
  multipleOf: 'multiple_of',
  minItems: 'too_short',
  maxItems: 'too_long',
  minProperties: 'too_short',
  maxProperties: 'too_long',
  uniqueItems: 'unique_items',
  const: 'literal_error',
  not: 'value_error',
};

/** What validation found, in FastAPI's form. */
export function validationErrors(failures: readonly FastifySchemaValidationError[], context = 'body'): FieldError[] {
  const part = PART_NAMES[context] ?? 'body';
  // The failures inside `then` or `else` name the missing fields; `if` itself adds nothing.
  const named = failures.filter(({ keyword }) => keyword !== 'if').slice(0, MAX_FIELD_ERRORS);
  return named.map((failure) => fieldError(failure, part));
}

/** Every 422 has one at least. The database does not name the field of a value that a column does not take. */
export function fieldErrors({ code, field, errors }: AppError, request: FastifyRequest): FieldError[] | undefined {
  if (field !== undefined) return [locate(field, request.routeOptions.schema)];
  if (code !== 'validation_failed' || errors !== undefined) return errors;
  const part = request.body === undefined || request.body === null ? 'query' : 'body';
  return [{ loc: [part], msg: 'holds a value that cannot be stored or compared', type: 'value_error' }];
}

/** A service knows a field's name only; the route's schemas say which part of the request it came in. */
function locate({ name, ...problem }: NonNullable<AppError['field']>, schema: FastifySchema = {}): FieldError {
  const parts = { body: schema.body, query: schema.querystring, path: schema.params };
  const [part] = Object.entries(parts).find(([, fields]) => hasField(fields, name)) ?? ['body'];
  return { loc: [part, name], ...problem };
}

function hasField(schema: unknown, name: string): boolean {
  const { properties = {} } = (schema ?? {}) as { properties?: object };
  return Object.hasOwn(properties, name);
}

function fieldError(
  { instancePath, keyword, params, message }: FastifySchemaValidationError,
  part: string,
): FieldError {
  const field = params.missingProperty ?? params.additionalProperty;
  const path = instancePath.split('/').slice(1).map(unescapePointer);
  return {
    loc: [part, ...path, ...(typeof field === 'string' ? [field.slice(0, 100).toWellFormed()] : [])],
    msg: message ?? 'is not valid',
    type: keyword === 'type' ? `${String(params.type).split(',')[0]}_type` : (RULE_TYPES[keyword] ?? keyword),
  };
}

/** RFC 6901: `~1` is a slash, `~0` a tilde. */
function unescapePointer(token: string): string | number {
  return /^\d+$/.test(token) ? Number(token) : token.replaceAll('~1', '/').replaceAll('~0', '~');
}
