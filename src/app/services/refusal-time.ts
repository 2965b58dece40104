import bcrypt from 'bcrypt';

/** Makes every refused password take as long as the slowest kind of hash that is in use. */
export interface RefusalTime {
  /** Goes on hashing until the refusal that began at `started` has taken its time; it has done one whole bcrypt hash. */
  fill: (started: number) => Promise<void>;
  /** The same for a refusal that has verified a foreign hash of this `shape` until now, whose cost it learns. */
  fillForeign: (started: number, shape: string) => Promise<void>;
}

/** Steps of a 32nd of a hash: their time is measured beside the hash that they follow, so a busy machine slows both. */
const STEPS_LOG2 = 5;
/** No account's hash makes the refusal of all others cost more than this many bcrypt hashes. */
const MAX_WHOLES = 8;
const MAX_SHAPES = 32;

export function createRefusalTime(cost: number): RefusalTime {
  const step = nobodyAt(cost - STEPS_LOG2);
  // Bcrypt hashes' worth of each shape; the least that was measured, since a disturbance only ever adds.
  const wholes = new Map<string, number>();
  const slowest = (): number => Math.max(1, ...wholes.values());

  const fillTo = async (started: number, target: () => number): Promise<number> => {
    const filling = performance.now();
    for (let steps = 1; ; steps++) {
      await bcrypt.compare('', step);
      const now = performance.now();
      const whole = ((now - filling) / steps) * 2 ** STEPS_LOG2;
      if (now - started >= whole * target()) return whole;
    }
  };

  return {
    fill: async (started) => {
      if (slowest() > 1) await fillTo(started, slowest);
    },
    fillForeign: async (started, shape) => {
      const own = performance.now() - started;
      const whole = await fillTo(started, slowest);
      const measured = Math.min(own / whole, MAX_WHOLES);
      if (wholes.has(shape) || wholes.size < MAX_SHAPES) {
        wholes.set(shape, Math.min(measured, wholes.get(shape) ?? measured));
      }
    },
  };
}

/** A well-formed hash that no password has. */
export function nobodyAt(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}
