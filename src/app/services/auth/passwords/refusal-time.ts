import { bcrypt } from './bcrypt.ts';

/** Makes the refusal of every password take as long as the slowest kind of hash in use. */
export interface RefusalTime {
  /** Hashes until the refusal that began at `started` has taken the full time; one whole bcrypt hash is done already. */
  fill: (started: number) => Promise<void>;
  /** The same after the verification of a foreign hash of this `shape`; its cost is measured. */
  fillForeign: (started: number, shape: string) => Promise<void>;
}

/** Steps of a 32nd of a hash, measured right after the hash itself, so that a busy machine slows both alike. */
const STEPS_LOG2 = 5;
const STEPS = 2 ** STEPS_LOG2;
/** One slow hash makes the refusal of other accounts cost at most this many bcrypt hashes. */
const MAX_WHOLES = 8;
const MAX_SHAPES = 32;

export function createRefusalTime(cost: number): RefusalTime {
  const step = nobodyAt(cost - STEPS_LOG2);
  // The minimum measured of each shape: a disturbance only adds time.
  const ownMs = new Map<string, number>();
  let stepMs = Number.POSITIVE_INFINITY;
  const slowest = (): number => {
    const wholes = Math.max(0, ...ownMs.values()) / (stepMs * STEPS);
    return Math.min(Math.max(1, wholes), MAX_WHOLES);
  };

  const fillTo = async (started: number, wholes: () => number): Promise<void> => {
    const filling = performance.now();
    for (let steps = 1, before = filling; ; steps++) {
      await bcrypt().compare('', step);
      const now = performance.now();
      stepMs = Math.min(stepMs, now - before);
      before = now;
      const whole = ((now - filling) / steps) * STEPS;
      if (now - started >= whole * wholes()) return;
    }
  };

  return {
    fill: async (started) => {
      if (ownMs.size > 0) await fillTo(started, slowest);
    },
    fillForeign: async (started, shape) => {
      const own = performance.now() - started;
      if (ownMs.has(shape) || ownMs.size < MAX_SHAPES) ownMs.set(shape, Math.min(own, ownMs.get(shape) ?? own));
      await fillTo(started, slowest);
    },
  };
}

/** A well-formed hash that no password has. */
export function nobodyAt(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}
