/** Wakes the worker of this process when a job is enqueued, and counts how the jobs of this process ended. */
export interface JobSignal {
  wake: () => void;
  /** Has `listener` called by each `wake`; returns the way to stop it. */
  onWake: (listener: () => void) => () => void;
  /** The attempts of this process, by kind and outcome. */
  readonly outcomes: ReadonlyMap<string, JobOutcome>;
  count: (kind: string, outcome: JobOutcome['outcome']) => void;
}

export interface JobOutcome {
  kind: string;
  outcome: 'done' | 'retried' | 'dead';
  count: number;
}

/** Nothing listens until a worker does. */
export function createJobSignal(): JobSignal {
  const listeners = new Set<() => void>();
  const outcomes = new Map<string, JobOutcome>();
  return {
    wake: () => {
      for (const listener of listeners) listener();
    },
    onWake: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    outcomes,
    count: (kind, outcome) => {
      const key = `${kind} ${outcome}`;
      const counted = outcomes.get(key) ?? { kind, outcome, count: 0 };
      outcomes.set(key, { ...counted, count: counted.count + 1 });
    },
  };
}
