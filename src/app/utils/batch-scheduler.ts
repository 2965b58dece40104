/** Lets a few batches run at once; later work waits, so that a batch grows only while the database is busy. */
export interface BatchScheduler {
  /** Calls `go` when a place is free, never synchronously: work of the same moment joins the batch. */
  enter: (go: () => void) => void;
  /** Keeps the place until `work` ends. Slow work gives it up earlier, so that other batches do not wait for it. */
  hold: <T>(work: Promise<T>) => Promise<T>;
}

/** Longer than a healthy database takes: slower work waits for a lock or for a server that is gone. */
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
