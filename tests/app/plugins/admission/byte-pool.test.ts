import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBytePool } from '../../../../src/app/plugins/admission/byte-pool.ts';

describe('a pool of bytes', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  const holder = (isStalled: boolean) => ({ isStalled: () => isStalled, evict: vi.fn<() => void>() });

  it('gives what it has and no more, and takes each reservation back once', () => {
    const pool = createBytePool(10);
    const first = pool.reserve(6, holder(false)) ?? expect.fail();
    expect(pool.reserve(5, holder(false))).toBeUndefined();
    expect(pool.reserve(4, holder(false))).toBeDefined();
    expect(pool.used).toBe(10);
    first.release();
    first.release();
    expect(pool.used).toBe(4);
  });

  it('refuses what is larger than the pool, whoever has stalled', () => {
    const pool = createBytePool(10);
    expect(pool.reserve(11, holder(false))).toBeUndefined();
    expect(pool.used).toBe(0);
  });

  it('evicts the oldest holder that has stalled for a second, and only as many as it needs', () => {
    const pool = createBytePool(10);
    const [busy, oldest, next, newest] = [holder(false), holder(true), holder(true), holder(true)];
    for (const one of [busy, oldest, next]) pool.reserve(3, one);
    vi.advanceTimersByTime(1001);
    pool.reserve(1, newest);
    expect(pool.reserve(3, holder(true))).toBeDefined();
    expect([busy, oldest, next, newest].map(({ evict }) => evict.mock.calls.length)).toEqual([0, 1, 0, 0]);
    expect(pool.used).toBe(10);
  });

  it('evicts nobody within the first second', () => {
    const pool = createBytePool(10);
    const stalled = holder(true);
    pool.reserve(10, stalled);
    vi.advanceTimersByTime(999);
    expect(pool.reserve(1, holder(true))).toBeUndefined();
    expect(stalled.evict).not.toHaveBeenCalled();
  });
});
