import { and, eq, isNotNull } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../../context.ts';
import type { Core } from '../../../core.ts';
import { users } from '../../../models/auth/users.ts';
import type { EmailAddress } from '../../../utils/emails.ts';
import { accountKey } from './account-keys.ts';
import { networkCounters } from './networks.ts';
import type { Counter } from './permits.ts';
import type { Policy } from './store.ts';

/** Between two mails of one kind to one mailbox. */
const MAIL_PAUSE_SECONDS = 60;

/** The mails of all kinds that a proved mailbox is told by, in place of those of one kind. */
const OF_ALL_KINDS = 4;
const DAY_SECONDS = 86_400;

/** What everything that mails an address that a client names counts into. */
export function mailNetworkCounters(ctx: RequestContext): Counter[] {
  return networkCounters(ctx, { metric: 'mails-ip', rate: ctx.config.limit_mails_per_ip });
}

/** Of a kind, or of a kind and a known device. They are told by a refusal alone: what is left would tell of other people. */
export function mailboxCounters({ config }: Pick<Core, 'config'>, counted_as: string, email: EmailAddress): Counter[] {
  const [kind, device] = counted_as.split('.', 2);
  const { count, window_seconds } = config.limit_mails_per_mailbox;
  const kept = { key: accountKey(email, device), onRight: 'refunded', isPublic: false } as const;
  return [
    { ...kept, metric: 'mails-kind', policy: { name: `mails-${kind}`, limit: 1, windowSeconds: MAIL_PAUSE_SECONDS } },
    {
      ...kept,
      metric: 'mails-mailbox',
      policy: { name: `mailbox-${kind}`, limit: count, windowSeconds: window_seconds },
    },
  ];
}

/** False if a mailbox was told of its account as often as it may be: the mail is not sent then. */
export async function mayTell(ctx: AppContext, kind: string, email: EmailAddress): Promise<boolean> {
  if (!ctx.config.rate_limits) return true;
  const isProved = and(eq(users.email, email), isNotNull(users.email_verified_at));
  const proved = await ctx.db.select({ id: users.id }).from(users).where(isProved);
  for (const policy of tellingPolicies(ctx, kind, proved.length > 0)) {
    const { used } = await ctx.limiter.count(policy, accountKey(email));
    if (used > policy.limit) return false;
  }
  return true;
}

/**
 * The bounds of mails that tell an account of itself, which nobody asks for by an address: of each kind and of all kinds. A mailbox
 * that was never proved may be a stranger's, who never asked for an account: it is told a few times a day.
 */
function tellingPolicies({ config }: Pick<Core, 'config'>, kind: string, isProved: boolean): Policy[] {
  const { count, window_seconds: windowSeconds } = config.limit_mails_per_mailbox;
  if (!isProved) {
    const part = kind === 'verify_email' ? kind : 'of-unproved';
    return [{ name: `told-${part}`, limit: count, windowSeconds: Math.max(windowSeconds, DAY_SECONDS) }];
  }
  return [
    { name: `told-${kind}`, limit: count, windowSeconds },
    { name: 'told', limit: OF_ALL_KINDS * count, windowSeconds },
  ];
}
