import { describe, expect, it } from 'vitest';
import { createNetworkShares, isBeyondPart } from '../../../../src/app/plugins/admission/network-shares.ts';

describe('the shares of the networks', () => {
  it('are there as long as somebody of the network is', () => {
    const shares = createNetworkShares((name) => ({ name, members: 0 }));
    const first = shares.enter('a');
    expect(shares.enter('a')).toBe(first);
    const other = shares.enter('b');
    expect([first.members, other.members]).toEqual([2, 1]);
    shares.leave(first);
    shares.leave(other);
    expect(first.members).toBe(1);
    shares.leave(first);
    expect(shares.enter('a')).not.toBe(first);
  });

  it('leave a place to a newcomer, after as many networks as took all that they may', () => {
    for (const times of [1, 4]) {
      let free = 1024;
      for (let networks = 0; networks < 4; networks++) {
        let held = 0;
        while (!isBeyondPart(held, { free, times })) [held, free] = [held + 1, free - 1];
        expect(free).toBeGreaterThan(0);
      }
      expect(isBeyondPart(0, { free, times })).toBe(false);
    }
    expect([isBeyondPart(3, { free: 4 }), isBeyondPart(4, { free: 4 }), isBeyondPart(4, { free: 0 })]).toEqual([
      ...[false, true, true],
    ]);
  });
});
