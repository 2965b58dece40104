import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PeriodicTaskOptions, startPeriodicTask } from '../../../src/app/utils/periodic-task.ts';

const HOUR_MS = 3_600_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** PeriodicTask that are counted; each lasts until `end` is called, with an error for one that fails. */
function startCounted(options: Partial<PeriodicTaskOptions> = {}) {
  let rounds = 0;
  let under_way: PromiseWithResolvers<void> | undefined;
  const failures: unknown[] = [];
  const work = (): Promise<void> => {
    rounds++;
    under_way = Promise.withResolvers();
    return under_way.promise;
  };
  const { close } = startPeriodicTask(work, {
    everyMs: HOUR_MS,
    onFailure: (error) => failures.push(error),
    ...options,
  });
  return {
    close,
    failures,
    rounds: () => rounds,
    end: async (error?: Error) => {
      if (error) under_way?.reject(error);
      else under_way?.resolve();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

describe('rounds', () => {
  it('come half to one and a half times as long after the last one as was said', async () => {
    const { rounds, end, close } = startCounted();
    for (let round = 1; round <= 20; round++) {
      await vi.advanceTimersByTimeAsync(HOUR_MS / 2 - 1);
      expect(rounds()).toBe(round - 1);
      await vi.advanceTimersByTimeAsync(HOUR_MS + 1);
      expect(rounds()).toBe(round);
      await end();
    }
    close();
  });

  it('are never two at once, however long one takes', async () => {
    const { rounds, close } = startCounted();
    await vi.advanceTimersByTimeAsync(10 * HOUR_MS);
    expect(rounds()).toBe(1);
    close();
  });

  it('begin sooner, and after a failure too, where that is said', async () => {
    const { rounds, end, failures, close } = startCounted({ firstMs: 1000, afterFailureMs: 60_000 });
    await vi.advanceTimersByTimeAsync(1500);
    expect(rounds()).toBe(1);
    const error = new Error('away');
    await end(error);
    expect(failures).toEqual([error]);
    await vi.advanceTimersByTimeAsync(90_000);
    expect(rounds()).toBe(2);
    close();
  });

  it('end with close, which has nothing to report of the one under way', async () => {
    const { rounds, end, failures, close } = startCounted();
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    close();
    await end(new Error('the pool is closed'));
    await vi.advanceTimersByTimeAsync(10 * HOUR_MS);
    expect([rounds(), failures]).toEqual([1, []]);
  });
});
