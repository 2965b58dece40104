import { and, eq, isNotNull } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../../context.ts';
import type { Core } from '../../../core.ts';
import { users } from '../../../models/auth/users.ts';
import type { EmailAddress } from '../../../utils/emails.ts';
import { accountKey } from './account-keys.ts';
import { networkCounters } from './networks.ts';
import { type Counter, refusal } from './permits.ts';
import type { Policy, Usage } from './store.ts';

/** What the mail of a registration counts as: it was not asked for, and the first request of a mail is not refused after it. */
export const REGISTRATION = 'registration';

/** Between two mails of one kind to one mailbox. */
const MAIL_PAUSE_SECONDS = 60;

/** Mails that tell a proved mailbox of its account. */
const MOST_OF_A_KIND_AN_HOUR = 10;
const MOST_AN_HOUR = 40;
/** The same of a mailbox that was never proved. */
const MOST_UNPROVED_A_DAY = 20;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** What everything that mails an address that a client names counts into. */
export function mailNetworkCounters(ctx: RequestContext): Counter[] {
  return networkCounters(ctx, { metric: 'mails-ip', rate: ctx.config.limit_mails_per_ip });
}

/** One a minute of the kind, and a few over all kinds; a known device of the account counts apart. They are told by a refusal alone: what is left would tell of other people. */
export function mailboxCounters(
  { config }: Pick<Core, 'config'>,
  counted_as: string,
  email: EmailAddress,
): [pause: Counter, total: Counter] {
  const [kind, device] = counted_as.split('.', 2);
  const { count, window_seconds } = config.limit_mails_per_mailbox;
  const kept = { key: accountKey(email, device), onRight: 'refunded', isPublic: false } as const;
  return [
    { ...kept, metric: 'mails-kind', policy: { name: `mails-${kind}`, limit: 1, windowSeconds: MAIL_PAUSE_SECONDS } },
    { ...kept, metric: 'mails-mailbox', policy: { name: 'mailbox', limit: count, windowSeconds: window_seconds } },
  ];
}

/**
 * Counts the mail of a registration for the mailbox; nobody is refused for a mail of a moment ago. False if the mailbox had one
 * of the kind within the last minute. Throws rate_limited beyond the number over all kinds.
 */
export async function countRegistrationMail(ctx: RequestContext, email: EmailAddress): Promise<boolean> {
  if (!ctx.config.rate_limits) return true;
  const [pause, total] = mailboxCounters(ctx, REGISTRATION, email);
  const count = ({ policy, key }: Counter): Promise<Usage> => ctx.limiter.count(policy, key);
  const [ofKind, ofAll] = await Promise.all([count(pause), count(total)]);
  if (ofAll.used > total.policy.limit) throw refusal(ctx, total, ofAll.resetsInSeconds);
  return ofKind.used <= pause.policy.limit;
}

/** False if a mailbox was told of its account as often as it may be: the mail is not sent then. */
export async function mayTell(ctx: AppContext, kind: string, email: EmailAddress): Promise<boolean> {
  if (!ctx.config.rate_limits) return true;
  const isProved = and(eq(users.email, email), isNotNull(users.email_verified_at));
  const proved = await ctx.db.select({ id: users.id }).from(users).where(isProved);
  for (const policy of tellingPolicies(kind, proved.length > 0)) {
    const { used } = await ctx.limiter.count(policy, accountKey(email));
    if (used > policy.limit) return false;
  }
  return true;
}

/**
 * The bounds of mails that tell an account of itself, which nobody asks for by an address: of each kind and of all kinds. A mailbox
 * that was never proved may be a stranger's, who never asked for an account: it is told less often.
 */
function tellingPolicies(kind: string, isProved: boolean): Policy[] {
  if (!isProved) return [{ name: 'told-unproved', limit: MOST_UNPROVED_A_DAY, windowSeconds: DAY_SECONDS }];
  return [
    { name: `told-${kind}`, limit: MOST_OF_A_KIND_AN_HOUR, windowSeconds: HOUR_SECONDS },
    { name: 'told', limit: MOST_AN_HOUR, windowSeconds: HOUR_SECONDS },
  ];
}
