import type { RequestContext } from '../../../context.ts';
import { type ClientNetwork, clientNetworks } from '../../../utils/client-networks.ts';
import type { Rate } from '../../../utils/rates.ts';
import type { Counter } from './permits.ts';
import type { Policy } from './store.ts';

/** The counters of the client's networks; a wider network has a greater limit, and counts only what the smaller ones admit. */
export function networkCounters(
  ctx: RequestContext,
  { metric, rate, name = metric }: { metric: Counter['metric']; rate: Rate; name?: string },
): [Counter, ...Counter[]] {
  const counterOf = (network: ClientNetwork): Counter => ({
    metric,
    policy: networkPolicy(name, rate, network),
    key: network.name,
    // A right password does not clear a network: it may be the client's own account.
    onRight: 'refunded',
    isPublic: network.factor === 1,
  });
  const [smallest, ...wider] = clientNetworks(ctx.client.ip);
  return [counterOf(smallest), ...wider.map(counterOf)];
}

function networkPolicy(
  name: string,
  { count, window_seconds }: Rate,
  { name: network, factor }: ClientNetwork,
): Policy {
  const prefix = factor === 1 ? '' : network.slice(network.lastIndexOf('/'));
  return { name: name + prefix, limit: count * factor, windowSeconds: window_seconds };
}
