import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../../src/app/app.ts';
import { startApi, testConfig } from '../../../helpers/api.ts';
import { createProject } from '../../../helpers/migrations.ts';

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
    const bare = await createProject();
    const app = await buildApp(testConfig(bare.url, { LOG_LEVEL: 'silent' }));
    const ready = await app.inject('/health/ready');
    await app.close();
    await bare.end();
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
