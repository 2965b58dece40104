import type { RequestContext } from '../../../context.ts';
import { AppError } from '../../../utils/errors.ts';
import { type Failures, forgetFailures, noteFailure, readFailures } from './failures.ts';
import { type Counter, withPermits } from './permits.ts';
import type { Permit } from './store.ts';

/** Proves, if the failures in a row leave room for all permits of the key, and counts a failure before its permit is released. */
export async function withFailures<T>(
  ctx: RequestContext,
  counter: Counter,
  {
    prove,
    onLimit,
    releases,
  }: { prove: () => Promise<T | undefined>; onLimit: () => Promise<void>; releases: Promise<unknown>[] },
): Promise<T | undefined> {
  const max = ctx.config.limit_login_failures_in_a_row;
  const { key } = counter;
  let before: Failures | undefined;
  let failuresInARow = 0;
  const after = async (db = ctx.db): Promise<void> => {
    before = await readFailures({ db }, key, max);
  };
  const beforeFailed = async (db = ctx.db): Promise<void> => {
    failuresInARow = await noteFailure({ db }, key);
  };
  const attempt = async ({ pending }: Permit): Promise<T | undefined> => {
    const { inARow = 0, waitSeconds = 0 } = before ?? {};
    // A locked key gets one attempt a day, and never two at once.
    if (waitSeconds > 0 || pending > Math.max(max - inARow, 1)) throw lockRefusal(ctx, waitSeconds);
    const proved = await prove();
    if (proved !== undefined && inARow > 0) releases.push(forgetFailures(ctx, [key]));
    return proved;
  };
  const proved = await withPermits(ctx, [{ ...counter, after, beforeFailed }], attempt, releases);
  const released = Promise.all(releases);
  if (proved === undefined) releases.push(released.then(() => (failuresInARow === max ? onLimit() : undefined)));
  return proved;
}

function lockRefusal(ctx: RequestContext, waitSeconds: number): AppError {
  ctx.metrics.rate_limit_refusals_total.inc('login-failures-in-a-row');
  return waitSeconds === 0
    ? new AppError('rate_limited', { retry_after: 1 })
    : new AppError('rate_limited', {
        detail: 'Too many failed attempts in a row; log in from a device that was used before, or have the lock lifted',
        retry_after: Math.ceil(waitSeconds),
      });
}
