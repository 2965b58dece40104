import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome, Permit, Policy } from '../../../../../src/app/services/auth/limits/store.ts';
import { inMemory, inPostgres, inRedis, type StoreBench } from '../../../../helpers/limit-stores.ts';
import { HAS_REDIS } from '../../../../helpers/redis.ts';

/** All times are tens of seconds: the clocks of the two stores are less than five seconds apart during a run. */
const POLICIES: readonly Policy[] = [
  { name: 'window', limit: 2, windowSeconds: 90 },
  { name: 'doubling', limit: 2, windowSeconds: 150, firstWaitSeconds: 30 },
  { name: 'single', limit: 1, windowSeconds: 40 },
];
const CLOCKS_APART_SECONDS = 5;
const RUNS = 150;

/** A command for a store of limits. */
type Command =
  | { do: 'acquire' | 'fail' | 'clear'; policy: number; key: number }
  | { do: 'count'; policy: number; key: number; n: number }
  | { do: 'release'; permit: number; outcome: Outcome }
  | { do: 'advance'; seconds: number }
  | { do: 'cleanup' };

const target = { policy: fc.nat(POLICIES.length - 1), key: fc.constantFrom(0, 0, 0, 1) };
const outcome = fc.constantFrom<Outcome[]>('failed', 'failed', 'failed', 'refunded', 'cleared');
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('fail'), ...target }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('acquire'), ...target }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('release'), permit: fc.nat(5), outcome }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('count'), ...target, n: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear'), ...target }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance'), seconds: fc.integer({ min: 1, max: 20 }).map((n) => n * 10) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cleanup') }) },
);

describe('against the store in memory, any sequence of calls and time', () => {
  describe('has the same answers in PostgreSQL', () => agrees(inPostgres));
  describe.skipIf(!HAS_REDIS)(
    `has the same answers in Redis${HAS_REDIS ? '' : ' (skipped: redis-server is not installed)'}`,
    () => agrees(inRedis),
  );
});

function agrees(open: () => Promise<StoreBench>): void {
  let bench: StoreBench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.end());

  it(`in ${RUNS} sequences`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 50 }), async (commands) => {
        await bench.advance(100_000);
        await bench.store.cleanup();
        const model = await inMemory();
        const [expected, answered] = [await answers(model, commands), await answers(bench, commands)];
        for (const [index, answer] of answered.entries()) expectSame(answer, expected[index]);
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  }, 120_000);
}

/** The answers of a store, as a word and a number of seconds. */
type Answer = [word: string, seconds: number];

async function answers({ store, advance }: StoreBench, commands: readonly Command[]): Promise<Answer[]> {
  const permits: Permit[] = [];
  const run = async (command: Command): Promise<Answer> => {
    if (command.do === 'advance') return advance(command.seconds).then(() => ['advanced', 0]);
    if (command.do === 'cleanup') return store.cleanup().then(() => ['cleaned up', 0]);
    if (command.do === 'release') {
      const [permit] = permits.splice(command.permit % Math.max(permits.length, 1), 1);
      return permit === undefined ? ['none', 0] : [`${await store.release(permit, command.outcome)} used`, 0];
    }
    const policy = POLICIES[command.policy] ?? POLICIES[0];
    if (policy === undefined) throw new Error('no policy');
    const key = `key-${command.key}`;
    if (command.do === 'clear') return store.clear(policy, key).then(() => ['cleared', 0]);
    if (command.do === 'count') {
      const { used, resetsInSeconds } = await store.count(policy, key, command.n);
      return [`${used} used`, resetsInSeconds];
    }
    const acquisition = await store.acquire(policy, key);
    if (acquisition.state === 'granted' && command.do === 'fail')
      return [`${await store.release(acquisition, 'failed')} failed`, 0];
    if (acquisition.state === 'granted') permits.push(acquisition);
    if (acquisition.state === 'granted') return [`granted, ${acquisition.pending} pending`, 0];
    return acquisition.state === 'refused' ? ['refused', acquisition.waitSeconds] : ['busy', 0];
  };
  const given: Answer[] = [];
  for (const command of commands) given.push(await run(command));
  return given;
}

function expectSame([word, seconds]: Answer, expected: Answer | undefined): void {
  expect(word).toBe(expected?.[0]);
  expect(Math.abs(seconds - (expected?.[1] ?? Number.NaN))).toBeLessThan(CLOCKS_APART_SECONDS);
}
