import { isIP } from 'node:net';

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** The address in the form that it is kept in: an IPv4 address that came as IPv6 (`::ffff:192.0.2.1`) is that IPv4 address. */
export function plainAddress(ip: string): string {
  if (!/^[0:]+:ffff:/i.test(ip) || isIP(ip) !== 6) return ip;
  const groups = ipv6Groups(ip);
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : ip;
}

/**
 * Whose address it is, for limits: an IPv4 address itself, an IPv6 address its /64, since one customer has all of that.
 * What is no address is `unknown`.
 */
export function clientNetwork(ip: string): string {
  const address = plainAddress(ip);
  const family = isIP(address);
  if (family !== 6) return family === 4 ? address : 'unknown';
  const network = ipv6Groups(address).slice(0, NETWORK_GROUPS);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

function ipv6Groups(ip: string): number[] {
  // The URL parser writes an embedded IPv4 part as two groups and knows every short form; a zone is none of the network's business.
  const text = new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = text.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: GROUPS - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}
