import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/app/config.ts';
import { schemaCompilers } from '../../../src/app/plugins/compilers.ts';

/** One route whose body Ajv cannot compile, and one that is right. */
async function appIn(environment: Config['environment']) {
  const app = fastify({ schemaController: { compilersFactory: schemaCompilers({ environment }) } });
  app.post(
    '/right',
    { schema: { body: { type: 'object', properties: { n: { type: 'integer' } } } } },
    async () => 'ok',
  );
  app.post('/wrong', { schema: { body: { type: 'no-such-type' } } }, async () => 'ok');
  return app;
}

const post = (app: Awaited<ReturnType<typeof appIn>>, url: string, payload: object) =>
  app.inject({ method: 'POST', url, payload });

describe('a schema that cannot be compiled', () => {
  it('ends the start in development', async () => {
    const app = await appIn('development');
    await expect(app.ready()).rejects.toMatchObject({ code: 'FST_ERR_SCH_VALIDATION_BUILD' });
  });

  it('fails its own route alone in production, where schemas are compiled at their first use', async () => {
    const app = await appIn('production');
    await app.ready();
    expect((await post(app, '/wrong', {})).statusCode).toBe(500);
    expect((await post(app, '/right', { n: 1 })).statusCode).toBe(200);
    expect((await post(app, '/right', { n: 'x' })).statusCode).toBe(400);
    expect((await post(app, '/right', { n: 'x' })).statusCode).toBe(400);
    await app.close();
  });
});
