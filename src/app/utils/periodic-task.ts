/** Work that is done again and again in the background. */
export interface PeriodicTask {
  /** No more rounds; what the one under way can no longer do is not reported. */
  close: () => void;
}

export interface PeriodicTaskOptions {
  everyMs: number;
  /** Before the first round. */
  firstMs?: number;
  /** After a round that failed. */
  afterFailureMs?: number;
  onFailure: (error: unknown) => void;
}

/**
 * Starts rounds of `work`, never two at once. Each wait is half to one and a half times as long as given, so that replicas
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
