import { describe, expect, it } from 'vitest';
import { countOf, takeTurn, type Waiting } from '../../../src/app/database/fair-line.ts';

/** A line that is joined by the clients of these addresses in this order. */
function lineOf(...ips: (string | undefined)[]): Waiting[] {
  const line: Waiting[] = [];
  for (const ip of ips) {
    line.push({});
    takeTurn(line, ip);
  }
  return line;
}
const sharesOf = (line: readonly Waiting[]) => line.map(({ share }) => share);

describe('the line for connections', () => {
  it('serves the networks in turns, and each in the order of its arrival', () => {
    const [a, b] = ['192.0.2.1', '198.51.100.2'];
    expect(sharesOf(lineOf(a, a, a, b, b))).toEqual([a, b, a, b, a]);
  });

  it('gives a newcomer the turn after the one that is served, however long the line is', () => {
    const line = lineOf(...Array<string>(600).fill('192.0.2.1'));
    for (let served = 0; served < 100; served++) line.shift();
    line.push({});
    takeTurn(line, '198.51.100.2');
    expect(sharesOf(line).indexOf('198.51.100.2')).toBe(1);
    expect([countOf(line, '192.0.2.1'), countOf(line, '198.51.100.2')]).toEqual([500, 1]);
  });

  it('takes an IPv6 /48 for one network, and the own work of the process for another', () => {
    expect(sharesOf(lineOf('2001:db8:1::1', '2001:db8:1:ffff::2', undefined))).toEqual([
      '2001:db8:1::/48',
      'own work',
      '2001:db8:1::/48',
    ]);
  });
});
