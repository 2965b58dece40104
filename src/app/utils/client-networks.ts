import { isIP } from 'node:net';

const GROUPS = 8;
/** The network of a text that is no address. */
const UNKNOWN = 'unknown';

/** The address in its stored form: an IPv4 address written as IPv6 (`::ffff:192.0.2.1`) becomes that IPv4 address. */
export function plainAddress(ip: string): string {
  if (!/^[0:]+:ffff:/i.test(ip) || isIP(ip) !== 6) return ip;
  const groups = ipv6Groups(ip);
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : ip;
}

/** A network that one client may own, with the factor by which its limits exceed those of the smallest one. */
export interface ClientNetwork {
  name: string;
  factor: number;
}

/**
 * The networks of an address, the smallest first: an IPv4 address and its /24, an IPv6 address's /64, /56 and /48, since one
 * customer has a /64 at least and often all of a /56 or /48. Text that is no address is the network `unknown`.
 */
export function clientNetworks(ip: string): [ClientNetwork, ...ClientNetwork[]] {
  const address = plainAddress(ip);
  const family = isIP(address);
  if (family === 4) {
    const subnet = `${address.split('.').slice(0, 3).join('.')}.0/24`;
    return [
      { name: address, factor: 1 },
      { name: subnet, factor: 8 },
    ];
  }
  if (family !== 6) return [{ name: UNKNOWN, factor: 1 }];
  const groups = ipv6Groups(address);
  return [
    { name: ipv6Network(groups, 64), factor: 1 },
    { name: ipv6Network(groups, 56), factor: 4 },
    { name: ipv6Network(groups, 48), factor: 16 },
  ];
}

/** The smallest network of an address: the address itself in IPv4, the /64 in IPv6. */
export function clientNetwork(ip: string): string {
  return clientNetworks(ip)[0].name;
}

/** The network that takes one turn in a fair queue: the address itself in IPv4, the /48 in IPv6. */
export function clientShare(ip: string): string {
  const address = plainAddress(ip);
  const family = isIP(address);
  if (family === 4) return address;
  return family === 6 ? ipv6Network(ipv6Groups(address), 48) : UNKNOWN;
}

function ipv6Network(groups: readonly number[], prefix: number): string {
  const kept = groups.slice(0, Math.ceil(prefix / 16));
  const spare = kept.length * 16 - prefix;
  const masked = kept.map((group, index) => (index === kept.length - 1 ? (group >> spare) << spare : group));
  return `${masked.map((group) => group.toString(16)).join(':')}::/${prefix}`;
}

function ipv6Groups(ip: string): number[] {
  // The URL parser writes an embedded IPv4 part as two groups and knows every short form; a zone does not belong to the network.
  const text = new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = text.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: GROUPS - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}
