/** A bounded number of bytes that requests hold for a while. */
export interface BytePool {
  /**
   * Takes bytes from the pool; `undefined` if they do not fit. Holders that have stalled are evicted first, the oldest one
   * first, so that slow clients cannot keep the pool from others.
   */
  reserve: (bytes: number, holder: Holder) => Reservation | undefined;
  readonly used: number;
  readonly limit: number;
}

export interface Holder {
  /** True while the holder waits for its client, which may be slow on purpose. */
  isStalled: () => boolean;
  /** Ends the holder. */
  evict: () => void;
}

export interface Reservation {
  /** Gives the bytes back; a second call does nothing. */
  release: () => void;
}

/** The age from which a holder that waits for its client may be evicted. */
const STALLED_AFTER_MS = 1000;

export function createBytePool(limit: number): BytePool {
  const held = new Map<Reservation, { bytes: number; since: number; holder: Holder }>();
  let used = 0;

  const makeRoom = (bytes: number): void => {
    const before = performance.now() - STALLED_AFTER_MS;
    // A map keeps the order of insertion: the oldest one comes first.
    for (const [reservation, { since, holder }] of held) {
      if (used + bytes <= limit || since > before) return;
      if (!holder.isStalled()) continue;
      reservation.release();
      holder.evict();
    }
  };

  return {
    reserve: (bytes, holder) => {
      if (used + bytes > limit) makeRoom(bytes);
      if (used + bytes > limit) return undefined;
      used += bytes;
      const reservation: Reservation = {
        release: () => {
          if (held.delete(reservation)) used -= bytes;
        },
      };
      held.set(reservation, { bytes, since: performance.now(), holder });
      return reservation;
    },
    get used() {
      return used;
    },
    limit,
  };
}
