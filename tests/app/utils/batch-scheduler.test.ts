import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBatchScheduler } from '../../../src/app/utils/batch-scheduler.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A turnstile with two places; whoever enters holds its place until `end` is called with its name. */
function startTurnstile() {
  const turn = createBatchScheduler(2);
  const passed: string[] = [];
  const work = new Map<string, PromiseWithResolvers<void>>();
  return {
    passed,
    enter: async (...names: string[]) => {
      for (const name of names) {
        turn.enter(() => {
          passed.push(name);
          const under_way = Promise.withResolvers<void>();
          work.set(name, under_way);
          turn.hold(under_way.promise).catch(() => {});
        });
      }
      await vi.advanceTimersByTimeAsync(1);
    },
    end: async (name: string, error?: Error) => {
      if (error) work.get(name)?.reject(error);
      else work.get(name)?.resolve();
      await vi.advanceTimersByTimeAsync(1);
    },
  };
}

describe('a turnstile', () => {
  it('lets through as many as it has places, and for each that ends the one that has waited longest', async () => {
    const { passed, enter, end } = startTurnstile();
    await enter('a', 'b', 'c', 'd', 'e');
    expect(passed).toEqual(['a', 'b']);
    await end('b');
    expect(passed).toEqual(['a', 'b', 'c']);
    await end('a', new Error('lost'));
    expect(passed).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not wait for work that takes long, and its late end gives back nothing', async () => {
    const { passed, enter, end } = startTurnstile();
    await enter('stuck', 'too', 'c', 'd', 'e');
    await vi.advanceTimersByTimeAsync(300);
    expect(passed).toEqual(['stuck', 'too', 'c', 'd']);
    await end('stuck');
    expect(passed).toEqual(['stuck', 'too', 'c', 'd']);
    await end('c');
    expect(passed).toEqual(['stuck', 'too', 'c', 'd', 'e']);
  });
});
