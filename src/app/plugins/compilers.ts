import { createRequire } from 'node:module';
import type { ValidatorFactory } from '@fastify/ajv-compiler';
import type { SerializerFactory } from '@fastify/fast-json-stringify-compiler';
import type { FastifySchemaCompiler } from 'fastify';
import type { Config } from '../config.ts';
import { later, onFirstUse } from '../utils/later.ts';

const require = createRequire(import.meta.url);
const ajvCompiler = later(() => require('@fastify/ajv-compiler') as typeof import('@fastify/ajv-compiler'));
const serializerCompiler = later(
  () => require('@fastify/fast-json-stringify-compiler') as typeof import('@fastify/fast-json-stringify-compiler'),
);

/** As many digits as a number holds exactly. Signs other than a minus, spaces, exponents and other bases are no number. */
const DIGITS = /^-?\d{1,15}$/;
/** Refuses what does not fit, and removes and repairs no value. */
const STRICT = { removeAdditional: false, useDefaults: true, allErrors: true, coerceTypes: false };

/**
 * Compiles the schemas of requests and answers: those by Ajv, these by fast-json-stringify.
 *
 * In production a schema is compiled at its first use: most processes serve a part of the operations, and all of them
 * together delay the start. Elsewhere the start fails on a schema that cannot be compiled.
 */
export function schemaCompilers({ environment }: Pick<Config, 'environment'>): {
  buildValidator: ValidatorFactory;
  buildSerializer: SerializerFactory;
} {
  const compiled = environment === 'production' ? onFirstUse : atOnce;
  const strict = onFirstUse(() => ajvCompiler()()({}, { customOptions: STRICT }));
  // A body's values must have their types. A path and a query are text, so integers and booleans are parsed from it.
  const compileValidator: FastifySchemaCompiler<unknown> = (route) => {
    const validator = compiled(() => strict()(route));
    const types = route.httpPart === 'body' ? [] : typesOf(route.schema);
    return (values: Record<string, unknown>) => {
      for (const [name, type] of types) if (Object.hasOwn(values, name)) values[name] = parse(values[name], type);
      const validate = validator();
      return validate(values) ? {} : { error: validate.errors ?? [] };
    };
  };
  return {
    // The type asks for a function of Ajv; Fastify calls it as what it takes by setValidatorCompiler.
    buildValidator: (() => compileValidator) as unknown as ValidatorFactory,
    buildSerializer: (schemas, options) => {
      const compile = onFirstUse(() => serializerCompiler()()(schemas, options));
      return (route) => {
        const serializer = compiled(() => compile()(route));
        return (data) => serializer()(data);
      };
    },
  };
}

function atOnce<T>(compile: () => T): () => T {
  const made = compile();
  return () => made;
}

/** The properties whose values are not text. */
function typesOf(schema: unknown): [name: string, type: string][] {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { type?: unknown }> };
  return Object.entries(properties).flatMap(([name, { type }]) =>
    type === 'integer' || type === 'boolean' ? [[name, type]] : [],
  );
}

/** Leaves a text of another spelling as it is, so that validation refuses it. */
function parse(value: unknown, type: string): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'boolean') return value === 'true' || (value === 'false' ? false : value);
  return DIGITS.test(value) ? Number(value) : value;
}
