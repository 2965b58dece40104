/** Wakes the worker of this process when a job is enqueued, and counts how the jobs of this process ended. */
export interface JobSignal {
  wake: () => void;
  /** Has `listener` called by each `wake`; returns the way to stop it. */
  onWake: (listener: () => void) => () => void;
  /** The attempts of this process, by kind and outcome. */
  readonly outcomes: ReadonlyMap<string, JobOutcome>;
  count: (kind: string, outcome: JobOutcome['outcome']) => void;
  /** Begins the counts of these kinds at zero, so that no series begins with a gap. */
  declare: (kinds: readonly string[]) => void;
}

const OUTCOMES = ['done', 'retried', 'dead'] as const;

export interface JobOutcome {
  kind: string;
  outcome: (typeof OUTCOMES)[number];
  count: number;
}

/** Nothing listens until a worker does. */
export function createJobSignal(): JobSignal {
  const listeners = new Set<() => void>();
  const outcomes = new Map<string, JobOutcome>();
  const add = (kind: string, outcome: JobOutcome['outcome'], n: number): void => {
    const key = `${kind} ${outcome}`;
    outcomes.set(key, { kind, outcome, count: (outcomes.get(key)?.count ?? 0) + n });
  };
  return {
    wake: () => {
      for (const listener of listeners) listener();
    },
    onWake: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    outcomes,
    count: (kind, outcome) => add(kind, outcome, 1),
    declare: (kinds) => {
      for (const kind of kinds) for (const outcome of OUTCOMES) add(kind, outcome, 0);
    },
  };
}
