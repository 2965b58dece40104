import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../../src/app/app.ts';
import { startApi, testConfig } from '../../../helpers/api.ts';

const api = startApi();

describe('with the database there', () => {
  it('GET /health answers the seed’s body, to the letter', async () => {
    const response = await api.request({ url: '/health' });
    expect([response.statusCode, response.body]).toEqual([
      200,
      '{"status":"healthy","database":"connected","api":"ok"}',
    ]);
  });

  it('GET /health/live and /health/ready say so', async () => {
    expect((await api.request({ url: '/health/live' })).body).toBe('{"status":"alive"}');
    const ready = await api.request({ url: '/health/ready' });
    expect([ready.statusCode, ready.json()]).toEqual([
      200,
      { status: 'ready', database: 'connected', migrations: 'at_head', shutting_down: false },
    ]);
  });

  it('GET /health/ready says no while migrations are pending', async () => {
    const bare = await startThrowAwayPostgres();
    const app = await buildApp(testConfig(bare.url, { LOG_LEVEL: 'silent' }));
    const ready = await app.inject('/health/ready');
    await app.close();
    await bare.stop();
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { status: 'not_ready', database: 'connected', migrations: 'pending', shutting_down: false },
    ]);
  });

  it('GET /metrics is Prometheus text', async () => {
    const metrics = await api.request({ url: '/metrics' });
    expect(metrics.headers['content-type']).toContain('text/plain');
    expect(metrics.body).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/health",status="200"\} \d/,
    );
  });
});

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
