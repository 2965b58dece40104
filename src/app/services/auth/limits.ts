import { sql } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import type { Actor, Core } from '../../core.ts';
import { loginFailures } from '../../models/auth/limits.ts';
import { users } from '../../models/auth/users.ts';
import type { productLimits } from '../../product.ts';
import type { EmailAddress } from '../../utils/emails.ts';
import type { Rate } from '../../utils/rates.ts';
import * as audit from '../system/audit.ts';
import type { CountedKey, CountedUsage } from './counted-rows.ts';
import { accountKey, accountKeyOf } from './limits/account-keys.ts';
import { withFailures } from './limits/attempts.ts';
import * as devices from './limits/devices.ts';
import { factorCounters } from './limits/factors.ts';
import { type Failures, readFailures } from './limits/failures.ts';
import { countRegistrationMail, mailboxCounters, mailNetworkCounters, mayTell, REGISTRATION } from './limits/mails.ts';
import { networkCounters } from './limits/networks.ts';
import { type Counter, refusal, withPermits } from './limits/permits.ts';
import { counterKey, type Origin, type Policy, type Usage } from './limits/store.ts';
import { uploadCounter } from './limits/uploads.ts';

export { countRegistrationMail, mayTell, REGISTRATION };

/** The wait after the last failure that the limit allows; it doubles with each further failure. */
const FIRST_WAIT_SECONDS = 60;

/**
 * The password proof of every login. `prove` returns `undefined` for a wrong password; it runs only if the client's
 * networks and the account have a permit left, so no more attempts run at once than may fail. `address` is canonical, with
 * or without an account, or a text that is no address: it is refused and limited like an unknown address. A known device
 * counts apart, so that others cannot lock it out. Throws rate_limited.
 */
export async function provePassword<T>(
  ctx: RequestContext,
  address: string,
  prove: () => Promise<T | undefined>,
): Promise<T | undefined> {
  if (!ctx.config.rate_limits) return prove();
  // Beside the permits of the networks.
  const known = devices.findKnownDevice(ctx, address);
  known.catch(() => {});
  // All permits are released at the same moment.
  const releases: Promise<unknown>[] = [];
  const ofAccount = async (): Promise<T | undefined> => {
    const device = await known;
    const onLimit = (): Promise<void> => recordLock(ctx, address, { known_device: device !== undefined });
    return withFailures(ctx, accountCounter(ctx, address, device), { prove, onLimit, releases });
  };
  try {
    const counters = networkCounters(ctx, { metric: 'login-ip', rate: ctx.config.limit_login_failures_per_ip });
    return await withPermits(ctx, counters, ofAccount, releases);
  } finally {
    await Promise.all(releases);
  }
}

/**
 * A password proof inside a session, counted for this session alone: strangers cannot use up the owner's attempts, and a
 * stolen token gives as many guesses as a login. `endSession` runs when the session has used up its failures in a row. The
 * permit of a right proof is released meanwhile: await `released` before the answer.
 */
export async function proveInSession<T>(
  ctx: RequestContext,
  actor: Actor,
  { prove, endSession }: { prove: () => Promise<T | undefined>; endSession: () => Promise<void> },
): Promise<{ proved: T | undefined; released: Promise<unknown> }> {
  if (!ctx.config.rate_limits) return { proved: await prove(), released: Promise.resolve() };
  const policy = proofPolicy(ctx, 'session-proof');
  const key = `session.${actor.session_id}`;
  const counter: Counter = { metric: 'session-proof', policy, key, onRight: 'cleared', isPublic: true };
  const releases: Promise<unknown>[] = [];
  let proved: T | undefined;
  try {
    proved = await withFailures(ctx, counter, { prove, onLimit: endSession, releases });
  } finally {
    if (proved === undefined) await Promise.all(releases);
  }
  const released = Promise.all(releases);
  released.catch(() => {});
  return { proved, released };
}

/**
 * The proof of a second factor, or of a login by passkey, whose account is null. Wrong answers of an account count together, those
 * without one for the client's networks. `prove` returns `undefined` for a wrong answer. Throws rate_limited.
 */
export async function proveFactor<T>(ctx: RequestContext, user_id: string | null, prove: () => Promise<T | undefined>) {
  return ctx.config.rate_limits ? withPermits(ctx, factorCounters(ctx, user_id), prove) : prove();
}

/** Makes the client's device known to a user whose session just started, so that guesses from elsewhere cannot lock it out. True if it is not the account's first. */
export async function rememberDevice(
  ctx: RequestContext,
  user: { id: string; email: EmailAddress },
  session_id: string,
): Promise<boolean> {
  return devices.rememberDevice(ctx, user, session_id);
}

/** Counts a registration of the client's networks, and the mail that it sends, before any work for it. Throws rate_limited. */
export async function countRegistration(ctx: RequestContext): Promise<void> {
  const limit = { metric: 'register-ip', rate: ctx.config.limit_registrations_per_ip } as const;
  // At the same moment; a client learns of the second one by a refusal only.
  const mails = mailNetworkCounters(ctx).map((counter) => ({ ...counter, isPublic: false }));
  await Promise.all([countAll(ctx, networkCounters(ctx, limit)), countAll(ctx, mails)]);
}

/**
 * Counts a refresh of the client's networks. Where the counters are in PostgreSQL, `serve` counts in the statement that serves
 * the request, and its result is returned; `undefined` if it has not run. Throws rate_limited.
 */
export async function countRefresh<T extends { usages: CountedUsage[] }>(
  ctx: RequestContext,
  serve: (counters: CountedKey[]) => Promise<T>,
): Promise<T | undefined> {
  if (!ctx.config.rate_limits) return undefined;
  const counters = networkCounters(ctx, { metric: 'refresh-ip', rate: ctx.config.limit_refreshes_per_ip });
  const keys = counters.map(({ policy, key }) => ({ key: counterKey(policy, key), limit: policy.limit }));
  const served = await ctx.limiter.inDatabase(() => serve(keys));
  if (served === undefined) await countAll(ctx, counters);
  for (const [level, usage] of served?.usages.entries() ?? []) {
    const counter = counters[level];
    if (counter !== undefined) requireWithin(ctx, counter, usage);
  }
  return served;
}

/**
 * Counts a mail that was asked for: for the client's networks, and for the mailbox, with or without an account: one a minute of
 * its kind and a few an hour over all kinds. A known device of the account counts apart: strangers cannot use up what its owner
 * may ask for. What the mailbox refuses costs the networks nothing. Gives what the mail is counted as. Throws rate_limited.
 */
export async function countMail(ctx: RequestContext, kind: string, email: EmailAddress): Promise<string> {
  if (!ctx.config.rate_limits) return kind;
  const known = devices.findKnownDevice(ctx, email);
  known.catch(() => {});
  const networks = mailNetworkCounters(ctx);
  await countAll(ctx, networks);
  const device = await known;
  const counted_as = device === undefined ? kind : `${kind}.${device}`;
  await countAll(ctx, mailboxCounters(ctx, counted_as, email)).catch(async (error: unknown) => {
    await Promise.all(networks.map(({ policy, key }) => ctx.limiter.giveBack(policy, key)));
    throw error;
  });
  return counted_as;
}

/** The same for the mailbox alone, for a request whose networks were counted. Throws rate_limited. */
export async function countMailbox(ctx: RequestContext, kind: string, email: EmailAddress): Promise<void> {
  await countAll(ctx, mailboxCounters(ctx, kind, email));
}

/** Takes back what a mailbox was counted for a mail that never came there, as long as it could still count. */
export async function giveBackMail(
  ctx: AppContext,
  counted_as: string,
  { email, asked_at }: { email: EmailAddress; asked_at: Date },
): Promise<void> {
  if (!ctx.config.rate_limits) return;
  const ageSeconds = (ctx.clock.now().getTime() - asked_at.getTime()) / 1000;
  const open = mailboxCounters(ctx, counted_as, email).filter(({ policy }) => ageSeconds < policy.windowSeconds);
  await Promise.all(open.map(({ policy, key }) => ctx.limiter.giveBack(policy, key)));
}

/** Counts a write of an account, beside the check of the session that it comes from. Throws what the check throws, or rate_limited. */
export async function countWrite(ctx: RequestContext, origin: Origin): Promise<void> {
  const { count, window_seconds } = ctx.config.limit_writes_per_account;
  const policy = { name: 'writes', limit: count, windowSeconds: window_seconds };
  const counter: Counter = { metric: 'writes', policy, key: origin.user_id, onRight: 'refunded', isPublic: true };
  const counted = ctx.config.rate_limits ? ctx.limiter.count(policy, origin.user_id, 1, origin) : undefined;
  counted?.catch(() => {});
  await origin.confirmed;
  if (counted !== undefined) requireWithin(ctx, counter, await counted);
}

/**
 * Counts a use of one of the product's own limits (`productLimits`) by the caller's account: `await countOwn(ctx, actor, 'loans')`.
 * Throws rate_limited, which a route declares unless it writes.
 * @public
 */
export async function countOwn(ctx: RequestContext, { user }: Actor, name: keyof typeof productLimits): Promise<void> {
  // A limit's setting has its name.
  const { count, window_seconds } = Reflect.get(ctx.config, `limit_${String(name)}`) as Rate;
  const policy = { name: `own-${String(name)}`, limit: count, windowSeconds: window_seconds };
  await countAll(ctx, [{ metric: name, policy, key: user.id, onRight: 'refunded', isPublic: true }]);
}

/**
 * Counts an upload of the account that begins. The contents of deleted files stay in the storage for a while, so their number is
 * bounded apart from that of the files. Throws rate_limited.
 */
export async function countUpload(
  ctx: RequestContext,
  { user }: Actor,
  of: { purpose: string; per_account: number },
): Promise<void> {
  await countAll(ctx, [uploadCounter(user, of)]);
}

/**
 * Counts a request of the route that has a limit of its own: for the caller's account, or for the client's networks if the
 * route is public. Throws rate_limited.
 */
export async function countRequest(
  ctx: RequestContext,
  { operation, rate }: { operation: string; rate: Rate },
): Promise<void> {
  const name = `route-${operation}`;
  const policy = { name, limit: rate.count, windowSeconds: rate.window_seconds };
  const counters: readonly Counter[] =
    ctx.actor === null
      ? networkCounters(ctx, { metric: 'route', rate, name })
      : [{ metric: 'route', policy, key: ctx.actor.user.id, onRight: 'refunded', isPublic: true }];
  await countAll(ctx, counters);
}

/** The failures in a row of a user's address, on unknown devices, and whether they lock it. */
export async function readLock(ctx: Core, user_id: string): Promise<Failures & { isLocked: boolean }> {
  const max = ctx.config.limit_login_failures_in_a_row;
  const failures = await readFailures(ctx, accountKeyOf(user_id), max);
  return { ...failures, isLocked: failures.inARow >= max };
}

/**
 * Removes the failures of a user's address, on all devices, in the transaction that sets a new password or lifts the lock.
 * False if there were none.
 */
export async function forget(ctx: Pick<Core, 'db'>, email: EmailAddress): Promise<boolean> {
  return (await failuresOf(ctx, email)).length > 0;
}

/** The keys of the counters that an address can wait for. */
export async function findWaits(ctx: Pick<Core, 'db'>, email: EmailAddress): Promise<string[]> {
  const known = await devices.listKnownDevices(ctx, email);
  return [accountKey(email), ...known.map((device) => accountKey(email, device))];
}

/** Ends the waits of an address that gets a new password; not part of a transaction. */
export async function endWaits(ctx: AppContext, keys: readonly string[]): Promise<void> {
  const policy = proofPolicy(ctx, 'login-account');
  await Promise.all(keys.map((key) => ctx.limiter.clear(policy, key)));
}

/** Lifts the lock of a user's address, on all devices, and ends its waits; recorded if there were failures. */
export async function unlock(ctx: RequestContext, { id, email }: { id: string; email: EmailAddress }): Promise<void> {
  const [waits] = await Promise.all([
    findWaits(ctx, email),
    audit.recordChange(ctx, failuresOf(ctx, email), { event: 'user.unlocked', subject_id: id }),
  ]);
  await endWaits(ctx, waits);
}

/** Removes the failures of an address when it is awaited. */
function failuresOf({ db }: Pick<Core, 'db'>, email: EmailAddress): PromiseLike<{ key: string }[]> {
  const key = accountKey(email);
  const known = db.$with('known').as(devices.knownDeviceKeys({ db }, email));
  const keys = sql`select ${key}::text union all select ${key} || '.' || device_key from known`;
  return db
    .with(known)
    .delete(loginFailures)
    .where(sql`${loginFailures.account_key} = any(array(${keys}))`)
    .returning({ key: loginFailures.account_key });
}

function accountCounter(ctx: RequestContext, address: string, device: string | undefined): Counter {
  const policy = proofPolicy(ctx, 'login-account');
  return { metric: 'login-account', policy, key: accountKey(address, device), onRight: 'cleared', isPublic: true };
}

function proofPolicy({ config }: Pick<Core, 'config'>, name: string): Policy {
  const { count, window_seconds } = config.limit_login_failures_per_account;
  return { name, limit: count, windowSeconds: window_seconds, firstWaitSeconds: FIRST_WAIT_SECONDS };
}

async function countAll(ctx: RequestContext, counters: readonly Counter[]): Promise<void> {
  if (!ctx.config.rate_limits) return;
  for (const counter of counters) requireWithin(ctx, counter, await ctx.limiter.count(counter.policy, counter.key));
}

function requireWithin(ctx: RequestContext, counter: Counter, { used, resetsInSeconds }: Usage): void {
  const { policy, isPublic } = counter;
  if (used > policy.limit) throw refusal(ctx, counter, resetsInSeconds);
  if (isPublic) ctx.reportQuota({ policy, standing: { remaining: policy.limit - used, resetsInSeconds } });
}

/** Records that an address is locked; an address without an account costs the same work. */
async function recordLock(ctx: RequestContext, address: string, details: { known_device: boolean }): Promise<void> {
  const [user] = await ctx.db.select({ id: users.id }).from(users).where(sql`${users.email} = ${address}`);
  await audit.record(ctx, { event: 'user.locked', subject_id: user?.id ?? null, details });
  ctx.log.warn(
    { event: 'limits.account_locked', request_id: ctx.request_id, ip: ctx.client.ip, ...details },
    'an account is locked for unknown devices, or one known device of it is',
  );
}
