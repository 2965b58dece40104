import { describe, expect, it } from 'vitest';
import { goFirst, isCrowd, takeTurn, type Waiting } from '../../../src/app/database/fair-line.ts';

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
  });

  it('lets few go first, which costs the networks no turn', () => {
    const [a, b, c] = ['192.0.2.1', '198.51.100.2', '203.0.113.3'];
    const line = lineOf(a, a, a, b);
    const first: Waiting = {};
    line.push(first);
    goFirst(line);
    expect(line[0]).toBe(first);
    for (const ip of [c, b]) {
      line.push({});
      takeTurn(line, ip);
    }
    expect(sharesOf(line.slice(1))).toEqual([a, b, c, a, b, a]);
    const alone: Waiting[] = [{}];
    goFirst(alone);
    expect(alone).toHaveLength(1);
  });

  it('is crowded by one network at its half, and has a place for a newcomer, however many others wait', () => {
    const [a, b, c, newcomer] = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '198.51.100.2'];
    const places = 60;
    const line = lineOf();
    for (const networks of [[a], [a, b], [a, b, c]]) {
      for (let tries = 0; tries < 300; tries++) {
        const ip = networks[tries % networks.length];
        if (isCrowd(line, ip, places)) continue;
        line.push({});
        takeTurn(line, ip);
      }
      expect(line.length).toBeLessThan(places);
      expect(isCrowd(line, newcomer, places)).toBe(false);
    }
    expect(isCrowd(lineOf(...Array<string>(29).fill('192.0.2.1')), '192.0.2.1', places)).toBe(false);
    expect(isCrowd(lineOf(...Array<string>(30).fill('192.0.2.1')), '192.0.2.1', places)).toBe(true);
  });

  it('takes an IPv6 /48 for one network, and the own work of the process for another', () => {
    expect(sharesOf(lineOf('2001:db8:1::1', '2001:db8:1:ffff::2', undefined))).toEqual([
      '2001:db8:1::/48',
      'own work',
      '2001:db8:1::/48',
    ]);
  });
});
