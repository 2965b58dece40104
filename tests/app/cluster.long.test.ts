import { join } from 'node:path';
import { freePort } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, SECRET_KEY } from '../helpers/api.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { parseMetrics, sampleOf } from '../helpers/metrics.ts';
import { familyOf, type Started, start, untilGone } from '../helpers/processes.ts';
import { cleanEnvironment } from '../helpers/project.ts';

const BACK = join(import.meta.dirname, '../../bin/back.js');

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let program: Started;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const settings = { SECRET_KEY, DATABASE_URL: database.url, PORT: String(port), WORKERS: '2', BCRYPT_COST: '10' };
  program = start(process.execPath, [BACK, 'run'], { env: cleanEnvironment(settings), cwd: '/' });
  await program.until(/listening[\s\S]*listening/);
});

afterAll(async () => {
  const family = familyOf(program.pid);
  program.child.kill('SIGKILL');
  // The workers follow by themselves: their way to the supervisor is cut.
  for (const { pid } of family) await untilGone(pid);
  await database.drop();
});

/** On a connection of its own, so that the processes take turns. */
async function ask(path: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(url + path, { ...init, headers: { ...init.headers, connection: 'close' } });
  return answer.text();
}

const workers = (): number[] =>
  familyOf(program.pid)
    .filter(({ line }) => line.includes('src/app/main.ts'))
    .map(({ pid }) => pid);

describe('GET /metrics with WORKERS=2', () => {
  it('tells of both processes, whichever of them answers', async () => {
    for (let index = 0; index < 10; index++) await ask('/health/live');
    for (let index = 0; index < 2; index++)
      await ask('/auth/register', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: `worker-${index}@example.com`, password: PASSWORD }),
      });
    for (let index = 0; index < 4; index++) {
      const text = await ask('/metrics');
      const live = 'http_request_duration_seconds_count{method="GET",route="/health/live",status="200"}';
      expect(sampleOf(text, live)).toBe(10);
      expect(sampleOf(text, 'registrations_total{outcome="succeeded"}')).toBe(2);
      expect(sampleOf(text, 'password_hash_duration_seconds_count')).toBe(2);
      expect(sampleOf(text, 'server_processes')).toBe(2);
    }
  });

  it('joins gauges by their sense: connections are added, the worst event loop counts, the start is the first', async () => {
    const metrics = parseMetrics(await ask('/metrics'));
    const value = (name: string): number | undefined => metrics.get(name)?.samples.get(name);
    expect(value('db_pool_connections_max')).toBe(30);
    expect(value('audit_upkeep_last_success_timestamp_seconds')).toBe(0);
    expect(value('nodejs_eventloop_lag_p99_seconds')).toBeLessThan(10);
    expect(Math.abs((value('process_start_time_seconds') ?? 0) - Date.now() / 1000)).toBeLessThan(600);
    expect(value('nodejs_eventloop_lag_max_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('leaves a process out that hangs, and says so by their number', async () => {
    const [hanging = 0] = workers();
    process.kill(hanging, 'SIGSTOP');
    // Of several connections some come to the process that lives.
    const asked = Array.from({ length: 4 }, () => fetch(`${url}/metrics`, { headers: { connection: 'close' } }));
    const text = await (await Promise.any(asked)).text();
    process.kill(hanging, 'SIGCONT');
    expect(sampleOf(text, 'server_processes')).toBe(1);
    await Promise.all(asked);
    expect(sampleOf(await ask('/metrics'), 'server_processes')).toBe(2);
  });
});
