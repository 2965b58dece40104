/** Work that is repeated in the background. */
export interface PeriodicTask {
  /** Ends the repetition; a failure of the run under way is not reported. */
  close: () => void;
}

export interface PeriodicTaskOptions {
  everyMs: number;
  /** Before the first run. */
  firstMs?: number;
  /** After a failed run. */
  afterFailureMs?: number;
  onFailure: (error: unknown) => void;
}

/**
 * Repeats `work`, never two runs at once. Each wait is half to one and a half times as long as given, so that replicas
 * that started together do not work together. Keeps no process alive.
 */
export function startPeriodicTask(
  work: () => Promise<unknown>,
  { everyMs, firstMs = everyMs, afterFailureMs = everyMs, onFailure }: PeriodicTaskOptions,
): PeriodicTask {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const round = async (): Promise<void> => {
    try {
      await work();
      plan(everyMs);
    } catch (error) {
      if (!closed) onFailure(error);
      plan(afterFailureMs);
    }
  };
  const plan = (delayMs: number): void => {
    if (!closed) timer = setTimeout(round, delayMs * (0.5 + Math.random())).unref();
  };
  plan(firstMs);

  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
