/** Runs at most `concurrency` jobs at once and lets a bounded number wait. */
export interface WorkQueue {
  /** The job's result. Rejects with `refuse()`, without starting the job, if the queue is full or the wait is too long. */
  run: <T>(job: () => Promise<T>) => Promise<T>;
  readonly running: number;
  readonly waiting: number;
}

export interface WorkQueueOptions {
  concurrency: number;
  maxWaiting: number;
  maxWaitMs: number;
  refuse: () => Error;
}

/** First come, first served. */
export function createWorkQueue({ concurrency, maxWaiting, maxWaitMs, refuse }: WorkQueueOptions): WorkQueue {
  const waiting = new Set<() => void>();
  let running = 0;

  const turn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(start);
        reject(refuse());
      }, maxWaitMs);
      waiting.add(start);
    });

  const passOn = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      running--;
      return;
    }
    // The place goes to the next one without being free in between.
    waiting.delete(next);
    next();
  };

  return {
    run: async (job) => {
      if (running < concurrency) running++;
      else if (waiting.size >= maxWaiting) throw refuse();
      else await turn();
      try {
        return await job();
      } finally {
        passOn();
      }
    },
    get running() {
      return running;
    },
    get waiting() {
      return waiting.size;
    },
  };
}
