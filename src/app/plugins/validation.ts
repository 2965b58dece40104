import ajvCompiler from '@fastify/ajv-compiler';
import fastifyPlugin from 'fastify-plugin';

/**
 * Configures Ajv: validation removes and repairs no value. A body's values must have their types. A path and a query are
 * text, so numbers and booleans are parsed from it.
 */
export const validationPlugin = fastifyPlugin(async (app) => {
  const build = ajvCompiler();
  const options = { removeAdditional: false, useDefaults: true, allErrors: true } as const;
  const strict = build({}, { customOptions: { ...options, coerceTypes: false } });
  const coercing = build({}, { customOptions: { ...options, coerceTypes: true } });
  app.setValidatorCompiler((route) => (route.httpPart === 'body' ? strict(route) : coercing(route)));
});
