import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/app/observability/metrics.ts';
import { PASSWORD, startApi, tokenForm } from '../../helpers/api.ts';
import { parseMetrics, sampleOf } from '../../helpers/metrics.ts';

const api = startApi({
  // Its look for work each second keeps a connection fresh.
  JOBS: 'false',
  LIMIT_LOGIN_FAILURES_PER_ACCOUNT: '2/15m',
  LIMIT_REGISTRATIONS_PER_IP: '5/1h',
  LIMIT_REFRESHES_PER_IP: '6/1h',
  REFRESH_REUSE_SECONDS: '2',
});

const scrape = async (): Promise<string> => (await api.request({ url: '/metrics' })).body;

/** What `work` added to the series, each named as it stands in the text. */
async function added(series: readonly string[], work: () => Promise<unknown>): Promise<number[]> {
  const before = await scrape();
  await work();
  const after = await scrape();
  return series.map((name) => sampleOf(after, name) - sampleOf(before, name));
}

async function anyEmail(): Promise<string> {
  const [row] = await api.sql<{ email: string }>(
    `select email from users where email <> 'counted@example.com' order by id limit 1`,
  );
  return row?.email ?? '';
}

const post = (url: string, payload: object) => api.request({ method: 'POST', url, payload });
const outcomes = (metric: keyof typeof METRICS, values: readonly string[]): string[] =>
  values.map((value) => `${metric}{outcome="${value}"}`);

describe('GET /metrics', () => {
  it('keeps to Prometheus’ names: counters end in _total, times are seconds, every metric has its help', async () => {
    const metrics = parseMetrics(await scrape());
    expect(metrics.size).toBeGreaterThan(40);
    for (const [name, { type, help }] of metrics) {
      expect(help.length, name).toBeGreaterThan(5);
      // Two of the client library's own gauges are called totals.
      const isTotal = type === 'counter' || /^nodejs_active_\w+_total$/.test(name);
      expect(name.endsWith('_total'), name).toBe(isTotal);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb)(_|$)/);
    }
    for (const name of Object.keys(METRICS)) expect(metrics.get(name)?.samples.size, name).toBeGreaterThan(0);
  });

  it('tells the event loop’s delay and the pool’s connections', async () => {
    await api.user();
    const text = await scrape();
    const open =
      sampleOf(text, 'db_pool_connections{state="used"}') + sampleOf(text, 'db_pool_connections{state="idle"}');
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThanOrEqual(sampleOf(text, 'db_pool_connections_max'));
    expect(sampleOf(text, 'db_pool_connections_max')).toBe(15);
    expect(sampleOf(text, 'server_processes')).toBe(1);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
    expect(sampleOf(text, 'db_query_duration_seconds_count')).toBeGreaterThan(3);
  });

  it('counts logins that succeed, fail and are refused by a limit, and the limit that did', async () => {
    const { email } = await api.user();
    const series = [
      ...outcomes('logins_total', ['succeeded', 'failed', 'refused']),
      'rate_limit_refusals_total{policy="login-account"}',
      'password_hash_duration_seconds_count',
    ];
    const login = (password: string) => post('/auth/login', { email, password });
    expect(await added(series, () => login(PASSWORD))).toEqual([1, 0, 0, 0, 1]);
    const refuse = async (): Promise<void> => {
      for (const status of [401, 401, 429]) expect((await login('a wrong password')).statusCode).toBe(status);
    };
    expect(await added(series, refuse)).toEqual([0, 2, 1, 1, 2]);
    const form = { grant_type: 'password', username: email, password: PASSWORD };
    const token = (): Promise<unknown> => api.request(tokenForm(form));
    expect(await added(series, token)).toEqual([0, 0, 1, 1, 0]);
  });

  it('counts refreshes that rotate, repeat, return too late and are refused', async () => {
    const series = [
      ...outcomes('refreshes_total', ['rotated', 'repeated', 'reused', 'refused']),
      'rate_limit_refusals_total{policy="refresh-ip"}',
    ];
    const { refresh_token } = await api.user();
    const refresh = (token = refresh_token) => post('/auth/refresh', { refresh_token: token });
    expect(await added(series, () => refresh())).toEqual([1, 0, 0, 0, 0]);
    expect(await added(series, () => refresh())).toEqual([0, 1, 0, 0, 0]);
    await api.sql(`update sessions set refreshed_at = now() - interval '1 minute'`);
    expect(await added(series, () => refresh())).toEqual([0, 0, 1, 0, 0]);
    expect(await added(series, () => refresh('no token'))).toEqual([0, 0, 0, 1, 0]);
    const many = () => Promise.all(Array.from({ length: 4 }, () => refresh()));
    expect(await added(series, many)).toEqual([0, 0, 0, 4, 1]);
  });

  it('counts registrations that succeed and are refused, for whatever reason', async () => {
    const series = [
      ...outcomes('registrations_total', ['succeeded', 'refused']),
      'rate_limit_refusals_total{policy="register-ip"}',
    ];
    const user = { email: 'counted@example.com', password: PASSWORD };
    expect(await added(series, () => post('/auth/register', user))).toEqual([1, 0, 0]);
    expect(await added(series, () => post('/auth/register', user))).toEqual([0, 1, 0]);
    expect(await added(series, () => post('/auth/register', { ...user, password: 'password' }))).toEqual([0, 1, 0]);
    expect(await added(series, () => post('/auth/register', user))).toEqual([0, 1, 1]);
  });

  it('counts the rounds of the audit table’s upkeep and when the last one went well', async () => {
    const series = outcomes('audit_upkeep_runs_total', ['succeeded', 'busy', 'failed']);
    expect(sampleOf(await scrape(), 'audit_upkeep_last_success_timestamp_seconds')).toBe(0);
    expect(await added(series, () => api.app.ctx.auditUpkeep.run())).toEqual([1, 0, 0]);
    const last = sampleOf(await scrape(), 'audit_upkeep_last_success_timestamp_seconds');
    expect(Math.abs(last - Date.now() / 1000)).toBeLessThan(60);
    await api.sql('alter table audit_events rename to audit_events_away');
    expect(await added(series, () => api.app.ctx.auditUpkeep.run().catch(() => {}))).toEqual([0, 0, 1]);
    await api.sql('alter table audit_events_away rename to audit_events');
    expect(sampleOf(await scrape(), 'audit_upkeep_last_success_timestamp_seconds')).toBe(last);
  });

  it('tells how many sessions one query looked up', async () => {
    const email = await anyEmail();
    const [sum, count] = ['session_lookup_batch_size_sum', 'session_lookup_batch_size_count'];
    const tokens: string[] = [];
    for (let index = 0; index < 5; index++)
      tokens.push((await post('/auth/login', { email, password: PASSWORD })).json().access_token);
    const ask = () => Promise.all(tokens.map((token) => api.request({ url: '/auth/me', token })));
    const [sessions = 0, queries = 0] = await added([sum, count], ask);
    expect(sessions).toBe(5);
    expect(queries).toBeGreaterThan(0);
    expect(queries).toBeLessThan(5);
  });

  it('counts connections that are asked whether they live, and those found dead', async () => {
    const { access_token: token } = await post('/auth/login', { email: await anyEmail(), password: PASSWORD }).then(
      (answer) => answer.json<{ access_token: string }>(),
    );
    // A connection that answered within the last second is taken as alive; a task in the background may have asked it.
    const series = ['db_pool_pings_total', 'db_pool_discards_total'];
    const rounds = async () => {
      const before = sampleOf(await scrape(), 'db_pool_pings_total');
      for (let round = 0; round < 3 && sampleOf(await scrape(), 'db_pool_pings_total') === before; round++) {
        await new Promise((resolve) => setTimeout(resolve, 1100));
        await api.request({ url: '/auth/me', token });
      }
    };
    const [pings = 0, dead] = await added(series, rounds);
    expect(pings).toBeGreaterThan(0);
    expect(dead).toBe(0);
    const loseOne = async (): Promise<void> => {
      const under = `from pg_stat_activity where query = 'select pg_sleep(1)' and state = 'active'`;
      // A query begins when somebody waits for it.
      const sleeping = Promise.resolve(api.app.ctx.db.execute(sql`select pg_sleep(1)`));
      await expect.poll(() => api.sql(`select pid ${under}`), { timeout: 10_000 }).toHaveLength(1);
      await api.sql(`select pg_terminate_backend(pid) ${under}`);
      // It is a read, so it is sent again.
      await sleeping;
    };
    expect((await added(series, loseOne))[1]).toBe(1);
  });

  it('has no series from what a client wrote: neither a path nor a method of its own', async () => {
    await api.request({ url: '/nowhere/0' });
    await api.request({ method: 'DELETE', url: '/nowhere/0' });
    await api.request({ method: 'TRACE' as never, url: '/nowhere/0' });
    const before = parseMetrics(await scrape()).get('http_request_duration_seconds')?.samples.size;
    for (let index = 1; index < 50; index++) {
      await api.request({ url: `/nowhere/${index}?secret=${index}` });
      await api.request({ method: 'DELETE', url: `/items-${index}` });
    }
    for (const method of ['TRACE', 'LOCK', 'MKCOL']) await api.request({ method: method as never, url: '/nowhere/0' });
    const text = await scrape();
    expect(parseMetrics(text).get('http_request_duration_seconds')?.samples.size).toBe(before);
    expect(sampleOf(text, 'http_request_duration_seconds_count{method="GET",route="none",status="404"}')).toBe(50);
    expect(text).not.toMatch(/nowhere|secret|TRACE|LOCK/);
  });

  it('has histograms whose buckets rise to the count', async () => {
    const metrics = parseMetrics(await scrape());
    for (const [name, { type, samples }] of metrics) {
      if (type !== 'histogram') continue;
      const entries = [...samples].map(([series, value]) => ({ series, value }));
      const ends = entries.filter(({ series }) => series.includes('le="+Inf"'));
      const counts = entries.filter(({ series }) => series.startsWith(`${name}_count`));
      expect(ends.map(({ value }) => value).sort()).toEqual(counts.map(({ value }) => value).sort());
      let last = 0;
      for (const { series, value } of entries.filter(({ series }) => series.startsWith(`${name}_bucket`))) {
        if (!series.includes(`le="${'0.001'}"`) && !series.includes('le="1"'))
          expect(value).toBeGreaterThanOrEqual(last);
        last = series.includes('le="+Inf"') ? 0 : value;
      }
    }
  });
});

describe('the limits’ store', () => {
  const limited = startApi();

  it('is counted whenever it does not answer', async () => {
    const failures = async (): Promise<number> =>
      sampleOf((await limited.request({ url: '/metrics' })).body, 'rate_limit_store_failures_total{store="shared"}');
    expect(await failures()).toBe(0);
    await limited.sql('alter table rate_limits rename to rate_limits_away');
    const payload = { email: 'nobody@example.com', password: PASSWORD };
    expect((await limited.request({ method: 'POST', url: '/auth/login', payload })).statusCode).toBe(401);
    expect(await failures()).toBeGreaterThan(0);
  });
});

describe('METRICS_ENABLED=false', () => {
  const silent = startApi({ METRICS_ENABLED: 'false' });

  it('has no such route', async () => {
    expect((await silent.request({ url: '/metrics' })).statusCode).toBe(404);
  });
});
