import ajvCompiler from '@fastify/ajv-compiler';
import fastifyPlugin from 'fastify-plugin';

/**
 * Ajv as the contract needs it: nothing is removed or repaired in silence. A body's values must already have their types;
 * a path and a query are text, so there numbers and booleans are read from it.
 */
export const validationPlugin = fastifyPlugin(async (app) => {
  const build = ajvCompiler();
  const options = { removeAdditional: false, useDefaults: true, allErrors: true } as const;
  const strict = build({}, { customOptions: { ...options, coerceTypes: false } });
  const coercing = build({}, { customOptions: { ...options, coerceTypes: true } });
  app.setValidatorCompiler((route) => (route.httpPart === 'body' ? strict(route) : coercing(route)));
});
