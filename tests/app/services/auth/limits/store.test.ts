import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Acquisition,
  LEASE_SECONDS,
  type Outcome,
  type Permit,
  type Policy,
} from '../../../../../src/app/services/auth/limits/store.ts';
import { inMemory, inPostgres, inRedis, type StoreBench } from '../../../../helpers/limit-stores.ts';
import { HAS_REDIS } from '../../../../helpers/redis.ts';

const WINDOW: Policy = { name: 'window', limit: 3, windowSeconds: 100 };
const DOUBLING: Policy = { name: 'doubling', limit: 3, windowSeconds: 300, firstWaitSeconds: 60 };
let serial = 0;
const newKey = (): string => `key-${++serial}`;

describe('the store in memory', () => contract(inMemory));
describe('the store in PostgreSQL', () => contract(inPostgres));
describe.skipIf(!HAS_REDIS)(`the store in Redis${HAS_REDIS ? '' : ' (skipped: redis-server is not installed)'}`, () =>
  contract(inRedis),
);

function contract(open: () => Promise<StoreBench>): void {
  let bench: StoreBench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.end());

  const acquire = async (policy: Policy, key: string): Promise<Permit> =>
    granted(await bench.store.acquire(policy, key));
  const fail = async (policy: Policy, key: string): Promise<number> =>
    bench.store.release(await acquire(policy, key), 'failed');
  const states = async (policy: Policy, key: string, n: number): Promise<string[]> => {
    const taken = await Promise.all(Array.from({ length: n }, () => bench.store.acquire(policy, key)));
    return taken.map(({ state }) => state).sort();
  };

  it('gives an event back as long as its window is open, and never one that was not counted', async () => {
    const key = newKey();
    await bench.store.giveBack(WINDOW, key);
    expect((await bench.store.count(WINDOW, key)).used).toBe(1);
    expect((await bench.store.count(WINDOW, key)).used).toBe(2);
    await bench.store.giveBack(WINDOW, key);
    expect((await bench.store.count(WINDOW, key)).used).toBe(2);
    for (let time = 0; time < 3; time++) await bench.store.giveBack(WINDOW, key);
    expect((await bench.store.count(WINDOW, key)).used).toBe(1);
    await bench.advance(101);
    await bench.store.giveBack(WINDOW, key);
    expect((await bench.store.count(WINDOW, key)).used).toBe(1);
  });

  it('counts events into one window and starts again when it is over', async () => {
    const key = newKey();
    expect((await bench.store.count(WINDOW, key, 2)).used).toBe(2);
    await bench.advance(40);
    const second = await bench.store.count(WINDOW, key, 1);
    expect(second.used).toBe(3);
    expect(second.resetsInSeconds).toBeGreaterThan(55);
    expect(second.resetsInSeconds).toBeLessThanOrEqual(60);
    await bench.advance(60);
    expect((await bench.store.count(WINDOW, key, 1)).used).toBe(1);
  });

  it('loses no event of many that come at once', async () => {
    const key = newKey();
    const usages = await Promise.all(Array.from({ length: 40 }, () => bench.store.count(WINDOW, key, 1)));
    expect(usages.map(({ used }) => used).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('refuses nobody while nothing has failed, however many come and go at once', async () => {
    const key = newKey();
    const comeAndGo = async (): Promise<string[]> => {
      const seen: string[] = [];
      for (let n = 0; n < 25; n++) {
        const acquisition = await bench.store.acquire(WINDOW, key);
        if (acquisition.state === 'granted') await bench.store.release(acquisition, 'cleared');
        seen.push(acquisition.state);
      }
      return seen;
    };
    const seen = (await Promise.all(Array.from({ length: 10 }, comeAndGo))).flat();
    expect(seen).toContain('granted');
    expect(seen).not.toContain('refused');
  });

  it('grants at most as many permits at once as attempts may still fail', async () => {
    const key = newKey();
    await fail(WINDOW, key);
    expect(await states(WINDOW, key, 6)).toEqual(['busy', 'busy', 'busy', 'busy', 'granted', 'granted']);
  });

  it.each<[Outcome, string]>([
    ['failed', 'refused'],
    ['refunded', 'granted'],
    ['cleared', 'granted'],
  ])('answers the next one, once the last permit is released as %s: %s', async (outcome, state) => {
    const key = newKey();
    await fail(WINDOW, key);
    await fail(WINDOW, key);
    const last = await acquire(WINDOW, key);
    expect((await bench.store.acquire(WINDOW, key)).state).toBe('busy');
    await bench.store.release(last, outcome);
    expect((await bench.store.acquire(WINDOW, key)).state).toBe(state);
  });

  it('counts the attempts under way, the new one included', async () => {
    const key = newKey();
    const first = await acquire(WINDOW, key);
    expect(first.pending).toBe(1);
    expect((await acquire(WINDOW, key)).pending).toBe(2);
    await bench.store.release(first, 'refunded');
    expect((await acquire(WINDOW, key)).pending).toBe(2);
  });

  it('forgets failures by a right attempt, but not for a refunded one', async () => {
    const key = newKey();
    for (const outcome of ['failed', 'refunded', 'failed', 'cleared', 'failed'] as const) {
      await bench.store.release(await acquire(WINDOW, key), outcome);
    }
    expect(await states(WINDOW, key, 3)).toEqual(['busy', 'granted', 'granted']);
  });

  it('refuses until the window ends, to the second', async () => {
    const key = newKey();
    await fail(WINDOW, key);
    await bench.advance(40);
    await fail(WINDOW, key);
    await fail(WINDOW, key);
    expect(waitOf(await bench.store.acquire(WINDOW, key))).toBe(60);
    await bench.advance(59);
    expect((await bench.store.acquire(WINDOW, key)).state).toBe('refused');
    await bench.advance(1);
    expect(await states(WINDOW, key, 4)).toEqual(['busy', 'granted', 'granted', 'granted']);
  });

  it('doubles the wait with every failure up to the window, and lets one attempt at a time follow it', async () => {
    const key = newKey();
    for (let n = 0; n < 3; n++) await fail(DOUBLING, key);
    for (const wait of [60, 120, 240, 300, 300]) {
      expect(waitOf(await bench.store.acquire(DOUBLING, key))).toBe(wait);
      await bench.advance(wait);
      const permit = await acquire(DOUBLING, key);
      expect(await states(DOUBLING, key, 2)).toEqual(['busy', 'busy']);
      await bench.store.release(permit, 'failed');
    }
  });

  it('begins anew after a wait and a window without failures', async () => {
    const key = newKey();
    for (let n = 0; n < 3; n++) await fail(DOUBLING, key);
    await bench.advance(60 + 300);
    expect(await states(DOUBLING, key, 4)).toEqual(['busy', 'granted', 'granted', 'granted']);
  });

  it('voids a permit whose holder died', async () => {
    const key = newKey();
    expect(await states(WINDOW, key, 3)).toEqual(['granted', 'granted', 'granted']);
    await bench.advance(LEASE_SECONDS - 1);
    expect((await bench.store.acquire(WINDOW, key)).state).toBe('busy');
    await bench.advance(1);
    expect((await bench.store.acquire(WINDOW, key)).state).toBe('granted');
  });

  it('returns the number of failures, and none after a clear', async () => {
    const key = newKey();
    expect(await fail(WINDOW, key)).toBe(1);
    expect(await fail(WINDOW, key)).toBe(2);
    await bench.store.clear(WINDOW, key);
    expect(await states(WINDOW, key, 3)).toEqual(['granted', 'granted', 'granted']);
  });

  it('counts a failure that was under way when its key was cleared, or expired', async () => {
    for (const forget of [(key: string) => bench.store.clear(WINDOW, key), () => bench.advance(LEASE_SECONDS)]) {
      const key = newKey();
      const permit = await acquire(WINDOW, key);
      await forget(key);
      expect(await bench.store.release(permit, 'failed')).toBe(1);
      expect(await states(WINDOW, key, 3)).toEqual(['busy', 'granted', 'granted']);
    }
  });

  it('keeps keys and policies apart', async () => {
    const key = newKey();
    for (let n = 0; n < 3; n++) await fail(WINDOW, key);
    expect((await bench.store.acquire(WINDOW, newKey())).state).toBe('granted');
    expect((await bench.store.acquire(DOUBLING, key)).state).toBe('granted');
  });

  it('keeps nothing of what has expired', async () => {
    await bench.advance(10_000);
    await bench.store.cleanup();
    const before = await bench.size();
    await fail(WINDOW, newKey());
    await bench.store.count(DOUBLING, newKey(), 1);
    await bench.advance(100);
    await bench.store.cleanup();
    expect([before, await bench.size()]).toEqual([0, 1]);
  });
}

function granted(acquisition: Acquisition): Permit {
  if (acquisition.state !== 'granted') throw new Error(`not granted: ${acquisition.state}`);
  return acquisition;
}

function waitOf(acquisition: Acquisition): number {
  return acquisition.state === 'refused' ? Math.ceil(acquisition.waitSeconds) : Number.NaN;
}
