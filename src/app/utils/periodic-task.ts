/** Work that is done again and again in the background. */
export interface Rounds {
  /** No more rounds; what the one under way can no longer do is not reported. */
  close: () => void;
}

export interface RoundsOptions {
  every_ms: number;
  /** Before the first round. */
  first_ms?: number;
  /** After a round that failed. */
  after_failure_ms?: number;
  onFailure: (error: unknown) => void;
}

/**
 * Starts rounds of `work`, never two at once. Each wait is half to one and a half times as long as given, so that replicas
 * that started together do not work together. Keeps no process alive.
 */
export function startRounds(
  work: () => Promise<unknown>,
  { every_ms, first_ms = every_ms, after_failure_ms = every_ms, onFailure }: RoundsOptions,
): Rounds {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const round = async (): Promise<void> => {
    try {
      await work();
      plan(every_ms);
    } catch (error) {
      if (!closed) onFailure(error);
      plan(after_failure_ms);
    }
  };
  const plan = (delay_ms: number): void => {
    if (!closed) timer = setTimeout(round, delay_ms * (0.5 + Math.random())).unref();
  };
  plan(first_ms);

  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
