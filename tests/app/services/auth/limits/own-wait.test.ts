import pg from 'pg';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../../../../../src/app/app.ts';
import { currentTrace, inTrace, newUsage } from '../../../../../src/app/observability/trace.ts';
import { startApi } from '../../../../helpers/api.ts';

const api = startApi();
const POLICY = { name: 'own-wait', limit: 5, windowSeconds: 60 };
/** What the request has left for the database. */
const LEFT_MS = 300;

it('a request without time for the database does not make the store of the limits count as lost', async () => {
  const logs: { event?: string }[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logs.push(JSON.parse(line)) });
  const app = await buildApp(api.config, { log });
  onTestFinished(() => app.close());
  const { limiter, config } = app.ctx;
  await limiter.count(POLICY, 'key');

  const blocker = new pg.Client(api.config.database_url.reveal());
  await blocker.connect();
  onTestFinished(() => blocker.end());
  await blocker.query('begin; lock table rate_limits in access exclusive mode');
  const longest = Math.max(config.statement_timeout_seconds * 1000 + 500, config.pool_timeout_seconds * 1000);
  const usage = { ...newUsage(), waited_ms: longest - LEFT_MS };
  const counted = await inTrace({ usage, span: undefined }, () => {
    expect(currentTrace()).toBeDefined();
    return limiter.count(POLICY, 'key');
  });
  expect(counted.used, 'counted by the process alone').toBe(1);
  await blocker.query('rollback');

  expect((await limiter.count(POLICY, 'key')).used, 'the next one counts in the database').toBeGreaterThan(1);
  expect(logs.map(({ event }) => event)).not.toContain('limits.store_lost');
});
