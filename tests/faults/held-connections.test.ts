import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { send } from '../helpers/fault-traffic.ts';
import { isFullForm } from '../helpers/full-form.ts';
import { type Held, HOLDS } from '../helpers/held-connections.ts';
import { limitMemory, type MemoryLimit } from '../helpers/memory-limit.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { residentMegabytes } from '../helpers/processes.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';
import { casesOf } from '../helpers/short-form.ts';

/** What deploy/ gives a replica. */
const CONTAINER_MB = 512;
const CONNECTIONS = 400;
/** Of these each has 300 requests, which cost work as they come. */
const UNREAD_CONNECTIONS = 20;
const ATTACK_MS = isFullForm ? 10_000 : 3000;
/** The marks of a machine that has nothing else to do; one that runs other tests beside is given more time. */
const MAX_HEALTH_MS = isFullForm ? 1000 : 15_000;
const MAX_LOGIN_MS = isFullForm ? 2000 : 15_000;
/** A head may take 10 s, a request 30, a connection without movement 60 and once more 60 if its last write was taken in part. */
const GIVEN_UP_MS = 130_000;
const CREDENTIALS = { email: 'elsewhere@example.com', password: PASSWORD };

const canLimit = await (async (limit) => {
  await limit?.remove();
  return limit !== undefined;
})(limitMemory(64));
const why = canLimit ? '' : ' (skipped: it takes the right to make a control group for memory)';

let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  const app = await serveApp(postgres.url);
  expect((await send('register', `${app.url}/auth/register`, { body: CREDENTIALS })).status).toBe(201);
  await app.stop();
});
afterAll(() => postgres?.remove());

const openFiles = ({ pid }: ServedApp): number => readdirSync(`/proc/${pid}/fd`).length;

/** The longest answer time in milliseconds of calls made again and again for a while; each must succeed. */
async function slowest(call: () => Promise<{ status: number; text: string }>, everyMs: number): Promise<number> {
  let longest = 0;
  for (const until = performance.now() + ATTACK_MS; performance.now() < until; await sleep(everyMs)) {
    const started = performance.now();
    const { status, text } = await call();
    expect(status, text).toBe(200);
    longest = Math.max(longest, performance.now() - started);
  }
  return longest;
}

const WAYS = Object.keys(HOLDS);
/** Where the server runs; in the short form each way of holding is tried in one of them, where there are both. */
const PLACES = [
  { where: `in a container of ${CONTAINER_MB} MB${why}`, isLimited: true },
  { where: 'without a bound but its own', isLimited: false },
].map((place, index) => ({ ...place, ways: canLimit ? casesOf(WAYS, 2, index) : WAYS }));

describe.each(PLACES)('$where a server whose connections are held', ({ isLimited, ways }) => {
  let limit: MemoryLimit | undefined;
  let app: ServedApp;
  let held: Held | undefined;

  beforeEach(async ({ skip }) => {
    if (isLimited && !canLimit) skip('it takes the right to make a control group for memory');
    limit = isLimited ? limitMemory(CONTAINER_MB) : undefined;
    app = await serveApp(postgres.url, {}, { command: limit?.command ?? [] });
  });
  afterEach(async () => {
    held?.end();
    await app?.stop();
    await limit?.remove();
  });

  it.each(ways)(
    'by %s serves the others, stays small and is rid of them',
    {
      timeout: 3 * GIVEN_UP_MS,
    },
    async (way) => {
      const idle = openFiles(app);
      const idleMb = residentMegabytes(app.pid);
      const connections = way.startsWith('pipelines') ? UNREAD_CONNECTIONS : CONNECTIONS;
      held = await HOLDS[way]?.({ port: app.port, connections });
      const [health, login] = await Promise.all([
        slowest(() => send('live', `${app.url}/health/live`), 100),
        slowest(() => send('login', `${app.url}/auth/login`, { body: CREDENTIALS }), 500),
      ]);
      expect(health).toBeLessThan(MAX_HEALTH_MS);
      expect(login).toBeLessThan(MAX_LOGIN_MS);
      expect(residentMegabytes(app.pid, 'VmHWM')).toBeLessThan(Math.min(CONTAINER_MB, idleMb + 250));
      if (limit) expect(limit.kills()).toBe(0);

      // By the server's own deadlines, where there is time for them; otherwise the clients go.
      if (!isFullForm) held?.end();
      await eventually('no descriptor is left', async () => openFiles(app) <= idle + 20, GIVEN_UP_MS);
      await eventually(
        'only the scrape itself is under way',
        async () => (await app.metric('budget_used')) === 1,
        GIVEN_UP_MS,
      );
    },
  );
});
