import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../../src/app/app.ts';
import { testConfig } from '../../../helpers/api.ts';

describe('with the database stopped', () => {
  let postgres: EmbeddedPostgres;
  const options = {
    user: 'postgres',
    password: 'root',
    database: 'postgres',
    dataDirectory: join(mkdtempSync(join(tmpdir(), 'back-health-')), 'data'),
  };

  beforeAll(async () => {
    const { port, stop } = await startThrowAwayPostgres();
    await stop();
    postgres = await startPostgres({ ...options, port });
  });
  afterAll(() => postgres.stop());

  it('/health and /health/ready say so within 3 s and recover without a restart; /health/live stays', async () => {
    const app = await buildApp(testConfig(postgres.url, { LOG_LEVEL: 'silent' }));
    expect((await app.inject('/health')).statusCode).toBe(200);
    await postgres.stop();
    const started = performance.now();
    const away = await app.inject('/health');
    expect([away.statusCode, away.body]).toEqual([503, '{"status":"unhealthy","database":"disconnected","api":"ok"}']);
    expect((await app.inject('/health/ready')).json()).toMatchObject({ status: 'not_ready', database: 'disconnected' });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    expect(performance.now() - started).toBeLessThan(3000);
    const me = await app.inject({ url: '/auth/login', method: 'POST', payload: { email: 'a@b.co', password: 'x' } });
    expect([me.statusCode, me.json().code, me.headers['retry-after']]).toEqual([503, 'service_unavailable', '1']);
    postgres = await startPostgres({ ...options, port: postgres.port });
    expect((await app.inject('/health')).statusCode).toBe(200);
    await app.close();
  });
});
