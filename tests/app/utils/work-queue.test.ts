import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  createWorkQueue,
  type Reason,
  type Requester,
  type WorkQueueOptions,
} from '../../../src/app/utils/work-queue.ts';

const refuse = (reason: Reason) => new Error(reason === 'busy' ? 'full' : 'more than there is');
const ONE: Requester = { client: 'one', lane: 'proof' };
const queueOf = (options: Partial<WorkQueueOptions> = {}) =>
  createWorkQueue({
    concurrency: 2,
    maxBytes: 100,
    maxWaiting: 3,
    maxWaitingPerClient: 1000,
    maxWaitMs: 30_000,
    refuse,
    ...options,
  });

/** A job that ends when it is told to. */
function openJob() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let started = false;
  const job = (): Promise<string> => {
    started = true;
    return promise;
  };
  return { job, resolve, reject, isStarted: () => started };
}
const turn = (): Promise<void> => sleep(0);

describe('a work queue', () => {
  it('runs so many at once, the others in the order in which they came', async () => {
    const queue = queueOf();
    const jobs = Array.from({ length: 5 }, openJob);
    const results = jobs.map(({ job }) => queue.run(job, ONE));
    const started = () => jobs.map(({ isStarted }) => isStarted());
    expect([started(), queue.running, queue.waiting]).toEqual([[true, true, false, false, false], 2, 3]);
    jobs[1]?.resolve('second');
    expect(await results[1]).toBe('second');
    await turn();
    expect([started(), queue.running, queue.waiting]).toEqual([[true, true, true, false, false], 2, 2]);
    for (const { resolve } of jobs) resolve('done');
    expect(await Promise.all(results)).toEqual(['done', 'second', 'done', 'done', 'done']);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('never lets jobs run that take more memory together than there is, and lets small ones pass meanwhile', async () => {
    const queue = queueOf({ concurrency: 4, maxWaiting: 10 });
    const jobs = [60, 60, 0, 40, 100].map((bytes) => ({ ...openJob(), bytes }));
    const results = jobs.map(({ job, bytes }, n) => queue.run(job, { client: `client ${n}`, lane: 'proof', bytes }));
    const started = () => jobs.map(({ isStarted }) => isStarted());
    expect(started()).toEqual([true, false, true, true, false]);
    jobs[0]?.resolve('done');
    await results[0];
    await turn();
    expect(started()).toEqual([true, true, true, true, false]);
    for (const { resolve } of jobs) resolve('done');
    expect(await Promise.all(results)).toEqual(Array(5).fill('done'));
    await expect(queue.run(async () => 'never', { ...ONE, bytes: 101 })).rejects.toThrow('more than there is');
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('refuses at once what has no place to wait, without starting it', async () => {
    const queue = queueOf({ maxWaiting: 1 });
    const jobs = Array.from({ length: 4 }, openJob);
    const results = jobs.map(({ job }) => queue.run(job, ONE));
    await expect(results[3]).rejects.toThrow('full');
    for (const { resolve } of jobs) resolve('done');
    expect(await Promise.all(results.slice(0, 3))).toEqual(['done', 'done', 'done']);
    expect(jobs[3]?.isStarted()).toBe(false);
  });

  it('refuses what waited too long, and gives its place to the next', async () => {
    const queue = queueOf({ concurrency: 1, maxWaitMs: 20 });
    const [first, late] = [openJob(), openJob()];
    const running = queue.run(first.job, ONE);
    await expect(queue.run(late.job, ONE)).rejects.toThrow('full');
    expect([late.isStarted(), queue.waiting]).toEqual([false, 0]);
    first.resolve('done');
    expect(await running).toBe('done');
    expect(await queue.run(async () => 'next', ONE)).toBe('next');
    expect(queue.running).toBe(0);
  });

  it('passes a failure on and keeps no place for it', async () => {
    const queue = queueOf({ concurrency: 1 });
    const failing = queue.run(() => Promise.reject(new Error('broken')), ONE);
    const thrown = queue.run(() => {
      throw new Error('thrown');
    }, ONE);
    const after = queue.run(async () => 'after', ONE);
    await expect(failing).rejects.toThrow('broken');
    await expect(thrown).rejects.toThrow('thrown');
    expect(await after).toBe('after');
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('never runs more than it may, whatever comes and fails in between', async () => {
    const queue = queueOf({ concurrency: 3, maxWaiting: 1000 });
    let running = 0;
    let most = 0;
    const job = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      if (Math.random() < 0.3) throw new Error('broken');
    };
    await Promise.allSettled(Array.from({ length: 300 }, () => queue.run(job, ONE)));
    expect([most, running, queue.running, queue.waiting]).toEqual([3, 0, 0, 0]);
  });

  it('lets clients take turns, and the proofs of all of them before the next new password', async () => {
    const queue = queueOf({ concurrency: 1, maxWaiting: 100 });
    const order: string[] = [];
    const run = (client: string, lane: NonNullable<Requester['lane']>, name: string): Promise<void> =>
      queue.run(async () => void order.push(name), { client, lane });
    const first = openJob();
    const running = queue.run(first.job, ONE);
    const all = [
      ...[1, 2, 3].map((n) => run('crowd', 'new', `crowd ${n}`)),
      run('other', 'new', 'other'),
      ...[1, 2].map((n) => run('guesser', 'proof', `guess ${n}`)),
      run('owner', 'proof', 'owner'),
    ];
    first.resolve('done');
    await Promise.all([running, ...all]);
    expect(order).toEqual(['guess 1', 'crowd 1', 'owner', 'other', 'guess 2', 'crowd 2', 'crowd 3']);
  });

  it('refuses a client beyond its share, and leaves a lane its places when the other one is full', async () => {
    const queue = queueOf({ concurrency: 1, maxWaiting: 4, maxWaitingPerClient: 2 });
    const first = openJob();
    const running = queue.run(first.job, ONE);
    const run = (client: string, lane: NonNullable<Requester['lane']>) =>
      queue.run(async () => client, { client, lane });
    const waiting = [run('a', 'new'), run('a', 'new'), run('b', 'new'), run('b', 'new'), run('b', 'proof')];
    await expect(run('a', 'new')).rejects.toThrow('full');
    expect(queue.waiting).toBe(5);
    first.resolve('done');
    expect(await Promise.all([running, ...waiting])).toEqual(['done', 'a', 'a', 'b', 'b', 'b']);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('gives a newcomer in a full lane the last place of whoever has the most', async () => {
    const queue = queueOf({ concurrency: 1, maxWaiting: 5, maxWaitingPerClient: 3 });
    const first = openJob();
    const running = queue.run(first.job, ONE);
    const run = (client: string) => queue.run(async () => client, { client });
    const [crowd, other] = [[1, 2, 3].map(() => run('crowd')), [1, 2].map(() => run('other'))];
    const newcomer = run('newcomer');
    await expect(crowd[2]).rejects.toThrow('full');
    // Nobody has more than one job more than these would have.
    await expect(run('other')).rejects.toThrow('full');
    await expect(run('newcomer')).rejects.toThrow('full');
    first.resolve('done');
    expect(await Promise.all([...crowd.slice(0, 2), ...other, newcomer, running])).toEqual([
      ...['crowd', 'crowd', 'other', 'other', 'newcomer', 'done'],
    ]);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('lets one client have its share of the places, however many are free, and the others the rest', async () => {
    const queue = queueOf({ concurrency: 4, concurrencyPerClient: 2, maxWaiting: 10 });
    const jobs = Array.from({ length: 6 }, (_, n) => ({ ...openJob(), client: n < 4 ? 'crowd' : `other ${n}` }));
    const results = jobs.map(({ job, client }) => queue.run(job, { client }));
    const started = () => jobs.map(({ isStarted }) => isStarted());
    expect([started(), queue.waiting]).toEqual([[true, true, false, false, true, true], 2]);
    jobs[4]?.resolve('done');
    await results[4];
    await turn();
    expect(started()).toEqual([true, true, false, false, true, true]);
    jobs[0]?.resolve('done');
    await results[0];
    await turn();
    expect(started()).toEqual([true, true, true, false, true, true]);
    for (const { resolve } of jobs) resolve('done');
    expect(await Promise.all(results)).toEqual(Array(6).fill('done'));
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });
});
