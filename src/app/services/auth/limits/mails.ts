import type { RequestContext } from '../../../context.ts';
import type { Core } from '../../../core.ts';
import type { EmailAddress } from '../../../utils/emails.ts';
import { accountKey } from './account-keys.ts';
import { networkCounters } from './networks.ts';
import type { Counter } from './permits.ts';

/** Between two mails of one kind to one mailbox. */
const MAIL_PAUSE_SECONDS = 60;

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
