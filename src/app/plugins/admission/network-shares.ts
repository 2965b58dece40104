/** What one network holds of something that all networks use. */
export interface NetworkShare {
  readonly name: string;
  members: number;
}

/** The networks that hold something at present. */
export interface NetworkShares<Share extends NetworkShare> {
  /** The share of a network, with one member more. */
  enter: (name: string) => Share;
  leave: (share: Share) => void;
}

export function createNetworkShares<Share extends NetworkShare>(create: (name: string) => Share): NetworkShares<Share> {
  const shares = new Map<string, Share>();
  return {
    enter: (name) => {
      let share = shares.get(name);
      if (share === undefined) {
        share = create(name);
        shares.set(name, share);
      }
      share.members++;
      return share;
    },
    leave: (share) => {
      if (--share.members === 0) shares.delete(share.name);
    },
  };
}

/**
 * True for a network that holds as many places as are free, or `times` that: it has to come back first. A newcomer finds a place,
 * however many others took all that they may.
 */
export function isBeyondPart(held: number, { free, times = 1 }: { free: number; times?: number }): boolean {
  return held >= free * times;
}
