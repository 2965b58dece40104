/** The moment at which a statement failed, if it matters to its caller. */
export type FailurePhase = 'begin' | 'commit';

const phases = new WeakMap<Error, FailurePhase>();

/** Remembers that the transaction failed when it began, before any of its statements was answered, or when it was committed. */
export function notePhase(error: unknown, phase: FailurePhase): void {
  if (error instanceof Error) phases.set(error, phase);
}

/** The phase of the error, or of the first of its causes that has one. */
export function phaseOf(error: unknown): FailurePhase | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++) {
    const phase = phases.get(link);
    if (phase !== undefined) return phase;
  }
  return undefined;
}
