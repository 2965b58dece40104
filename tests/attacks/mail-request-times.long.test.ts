import type pg from 'pg';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PoolClient } from '../../src/app/database/pool-client.ts';
import { jobs } from '../../src/app/jobs/index.ts';
import { currentTrace } from '../../src/app/observability/trace.ts';
import { startWorker } from '../../src/app/services/system/worker.ts';
import { startApi } from '../helpers/api.ts';
import { eventually } from '../helpers/own-postgres.ts';

/** Each may ask once a minute. */
const MAILBOXES = 200;
const WAYS = ['/auth/forgot-password', '/auth/login-codes', '/auth/request-verify-token'];

const api = startApi();
let asked = 0;

beforeAll(async () => {
  await api.sql(
    `insert into users (id, email, password_hash, email_verified_at, is_active)
     select gen_random_uuid(), kind || '-' || n || '@example.com', '!',
       case when kind <> 'unverified' then now() end, kind <> 'disabled'
     from unnest(array['known', 'unverified', 'disabled']) kind, generate_series(1, ${MAILBOXES}) n`,
  );
});

async function ask(url: string, email: string): Promise<void> {
  const remoteAddress = `203.0.${++asked >> 8}.${asked & 255}`;
  const { statusCode } = await api.request({ method: 'POST', url, payload: { email }, remoteAddress });
  expect(statusCode).toBe(202);
}

/** What a request sends to the database until it is answered. */
async function statementsOf(work: () => Promise<void>): Promise<string[]> {
  const { query } = PoolClient.prototype;
  const texts: string[] = [];
  PoolClient.prototype.query = function (this: PoolClient, ...args: unknown[]): never {
    if (currentTrace() !== undefined) texts.push((args[0] as pg.QueryConfig).text);
    return Reflect.apply(query, this, args) as never;
  };
  try {
    await work();
    return texts;
  } finally {
    PoolClient.prototype.query = query;
  }
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

describe('a request for a mail', () => {
  it.each(WAYS)('%s sends the same statements for every kind of address', async (url) => {
    const ofUnknown = await statementsOf(() => ask(url, `unknown-0${url.length}@example.com`));
    expect(ofUnknown.length).toBeGreaterThan(1);
    for (const [index, kind] of ['known', 'unverified', 'disabled'].entries())
      expect([kind, await statementsOf(() => ask(url, `${kind}-${100 + index}@example.com`))]).toEqual([
        kind,
        ofUnknown,
      ]);
  });

  it('takes the same work for a known address and an unknown one', async () => {
    await api.sql('delete from rate_limits');
    const work = { known: [] as number[], unknown: [] as number[] };
    // The processor's time: others on the machine do not count in it.
    for (let n = 1; n <= MAILBOXES; n++)
      for (const kind of n % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
        const before = process.cpuUsage();
        await ask('/auth/forgot-password', `${kind}-${n}@example.com`);
        const { user, system } = process.cpuUsage(before);
        work[kind].push(user + system);
      }
    const ratio = median(work.known) / median(work.unknown);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });

  it.each(WAYS)('%s wakes no worker beside its answer; it is worked off within moments all the same', async (url) => {
    const email = `known-${150 + url.length}@example.com`;
    await api.sql('delete from rate_limits');
    await api.sql('delete from jobs');
    const woken: string[] = [];
    onTestFinished(api.app.ctx.jobSignal.onWake(() => woken.push('woken')));
    await ask(url, email);
    expect(woken).toEqual([]);
    const worker = startWorker(api.app.ctx, jobs);
    onTestFinished(() => worker.close());
    const done = `select from jobs where kind = 'mail.request' and payload->>'email' = $1 and state = 'done'`;
    await eventually('it is worked off', async () => (await api.sql(done, [email])).length === 1);
  });
});
