/** Lets a few through at once; what comes meanwhile waits, so that a batch grows exactly while the database is busy. */
export interface BatchScheduler {
  /** Calls `go` once there is a place, never at once: what comes at the same moment belongs to it. */
  enter: (go: () => void) => void;
  /** Keeps the place of whoever was let through until `work` ends. Work that takes long gives it up before: others need not wait with it. */
  hold: <T>(work: Promise<T>) => Promise<T>;
}

/** Longer than the database takes when it is well: what takes longer waits for a lock, or for a server that is gone. */
const PATIENCE_MS = 250;

export function createBatchScheduler(places: number): BatchScheduler {
  const waiting: (() => void)[] = [];
  let inside = 0;

  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) inside--;
    else setImmediate(next);
  };

  return {
    enter: (go) => {
      if (inside >= places) {
        waiting.push(go);
        return;
      }
      inside++;
      setImmediate(go);
    },
    hold: async (work) => {
      let left = false;
      const leaveOnce = (): void => {
        if (!left) leave();
        left = true;
      };
      const timer = setTimeout(leaveOnce, PATIENCE_MS);
      try {
        return await work;
      } finally {
        clearTimeout(timer);
        leaveOnce();
      }
    },
  };
}
