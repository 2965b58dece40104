import ajvCompiler from '@fastify/ajv-compiler';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '../config.ts';

/** As many digits as a number holds exactly. Signs other than a minus, spaces, exponents and other bases are no number. */
const DIGITS = /^-?\d{1,15}$/;

/**
 * Configures Ajv: validation removes and repairs no value. A body's values must have their types. A path and a query are
 * text, so integers and booleans are parsed from it, in their one usual spelling.
 *
 * In production a schema is compiled at its first use: most processes serve a part of the operations, and all of them
 * together delay the start. Elsewhere the start fails on a schema that cannot be compiled.
 */
export const validationPlugin = fastifyPlugin<Pick<Config, 'environment'>>(async (app, { environment }) => {
  const compiled = environment === 'production' ? onFirstUse : atOnce;
  const strict = ajvCompiler()(
    {},
    { customOptions: { removeAdditional: false, useDefaults: true, allErrors: true, coerceTypes: false } },
  );
  app.setValidatorCompiler((route) => {
    const validator = compiled(() => strict(route));
    const types = route.httpPart === 'body' ? [] : typesOf(route.schema);
    return (values: Record<string, unknown>) => {
      for (const [name, type] of types) if (Object.hasOwn(values, name)) values[name] = parse(values[name], type);
      const validate = validator();
      return validate(values) ? {} : { error: validate.errors ?? [] };
    };
  });
});

function atOnce<T>(compile: () => T): () => T {
  const made = compile();
  return () => made;
}

function onFirstUse<T>(compile: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= compile();
    return made;
  };
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
