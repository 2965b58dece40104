import type { AppContext, RequestContext } from '../../../context.ts';
import { AppError } from '../../../utils/errors.ts';
import { tooManyPasswords } from '../overload.ts';
import type { Companion, Outcome, Permit, Policy } from './store.ts';

/** A counter that an attempt needs a permit of. */
export interface Counter {
  metric: keyof AppContext['metrics']['rate_limit_refusals_total']['values'];
  policy: Policy;
  key: string;
  /** The outcome of a right proof. */
  onRight: Exclude<Outcome, 'failed'>;
  /** Not given for a counter that the client learns of by a refusal only. */
  isPublic?: boolean;
  /** Travels with the acquisition. */
  after?: Companion;
  /** Travels with the release after a wrong proof. */
  beforeFailed?: Companion;
}

/**
 * Runs an attempt with a permit of every counter: acquired in order, released in reverse order, as failed if the attempt
 * gives `undefined`. The attempt gets the last permit. Throws rate_limited. With `releases` they are not awaited but handed on.
 */
export async function withPermits<T>(
  ctx: RequestContext,
  [counter, ...others]: readonly [Counter, ...Counter[]],
  attempt: (permit: Permit) => Promise<T | undefined>,
  releases?: Promise<unknown>[],
): Promise<T | undefined> {
  const permits = await acquireAtOnce(ctx, [counter, ...others]);
  if (permits !== undefined) return withHeld(ctx, { held: permits, releases }, attempt);
  const permit = await acquire(ctx, counter);
  const [next, ...rest] = others;
  let outcome: Outcome = 'refunded';
  try {
    const proved = await (next === undefined ? attempt(permit) : withPermits(ctx, [next, ...rest], attempt));
    outcome = proved === undefined ? 'failed' : counter.onRight;
    return proved;
  } finally {
    await release(ctx, { counter, permit }, outcome);
  }
}

/** The refusal of a request that met a limit. */
export function refusal(
  ctx: RequestContext,
  { metric, policy }: Pick<Counter, 'metric' | 'policy'>,
  waitSeconds: number,
): AppError {
  ctx.metrics.rate_limit_refusals_total.inc(metric);
  const retry_after = Math.max(1, Math.ceil(waitSeconds));
  ctx.reportQuota({ policy, standing: { remaining: 0, resetsInSeconds: retry_after } });
  return new AppError('rate_limited', { retry_after });
}

interface Held {
  counter: Counter;
  permit: Permit;
}

/** The permits of all counters in one step, if nobody waits for any of them and all are granted. */
async function acquireAtOnce(ctx: RequestContext, counters: readonly Counter[]): Promise<Held[] | undefined> {
  const acquisitions = await ctx.limiter.acquireFree(counters);
  if (acquisitions === undefined) return undefined;
  const held = counters.flatMap((counter, index) => {
    const acquisition = acquisitions[index];
    return acquisition?.state === 'granted' ? [{ counter, permit: acquisition }] : [];
  });
  if (held.length < counters.length) {
    // In order, one of them waits or is refused.
    await Promise.all(held.map(({ permit }) => ctx.limiter.release(permit, 'refunded')));
    return undefined;
  }
  for (const { policy, isPublic } of counters) if (isPublic) ctx.reportQuota({ policy });
  return held;
}

async function withHeld<T>(
  ctx: RequestContext,
  { held, releases }: { held: readonly Held[]; releases: Promise<unknown>[] | undefined },
  attempt: (permit: Permit) => Promise<T | undefined>,
): Promise<T | undefined> {
  const last = held.at(-1);
  if (last === undefined) throw new Error('an attempt needs a permit');
  let proved: T | undefined;
  let isProved: boolean | undefined;
  try {
    proved = await attempt(last.permit);
    isProved = proved !== undefined;
    return proved;
  } finally {
    const outcomeOf = ({ onRight }: Counter): Outcome => {
      if (isProved === undefined) return 'refunded';
      return isProved ? onRight : 'failed';
    };
    const released = held.map((one) => release(ctx, one, outcomeOf(one.counter)));
    if (releases === undefined) await Promise.all(released);
    else releases.push(...released);
  }
}

async function acquire(ctx: RequestContext, counter: Counter): Promise<Permit> {
  const acquisition = await ctx.limiter.acquire(counter.policy, counter.key, counter.after);
  if (acquisition.state === 'refused') throw refusal(ctx, counter, acquisition.waitSeconds);
  if (acquisition.state === 'busy') throw tooManyPasswords();
  if (counter.isPublic) ctx.reportQuota({ policy: counter.policy });
  return acquisition;
}

async function release(ctx: RequestContext, { counter, permit }: Held, outcome: Outcome): Promise<void> {
  const { name, limit } = permit.policy;
  const before = outcome === 'failed' ? counter.beforeFailed : undefined;
  const failures = await ctx.limiter.release(permit, outcome, before);
  if (outcome !== 'failed' || failures < limit) return;
  ctx.log.warn(
    { event: 'limits.reached', request_id: ctx.request_id, limit: name, failures, ip: ctx.client.ip },
    'too many failed password proofs; the next ones are refused',
  );
}
