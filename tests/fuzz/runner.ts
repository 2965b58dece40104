import fc from 'fast-check';
import { type Complaint, createSender, type Subject } from './batch.ts';
import { type Step, stepFor } from './generators/steps.ts';

export interface RunOptions {
  requests: number;
  seed: number;
  /** Replays one batch of the seed, as a failure named it. */
  path?: string;
  connections: number;
  /** Longest batch. */
  batch: number;
  deadline_ms: number;
  /** After each round: how many requests were answered so far. Complaints about the server as a whole end the run. */
  afterRound: (requests: number) => Promise<readonly string[]>;
}

export interface Failure {
  seed: number;
  path: string | undefined;
  /** The shortest batch that still fails. */
  steps: readonly Step[];
  complaints: readonly Complaint[];
}

export interface RunReport {
  requests: number;
  elapsedMs: number;
  /** Answers by operation and status. */
  answers: ReadonlyMap<string, ReadonlyMap<number, number>>;
  failure?: Failure;
}

const BATCHES_PER_ROUND = 20;
const MAX_ALONE = 30;
/** Cutting a failing batch down ends here, short enough or not. */
const SHRINK_WITHIN_MS = 90_000;

/** Thrown by a batch that fails, for fast-check to cut it down. */
class BatchError extends Error {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super(complaints.map(({ sentence }) => sentence).join('\n'));
    this.complaints = complaints;
  }
}

/** Sends batches until so many requests are answered, or one fails; what it sends follows from the seed alone. */
export async function runFuzz(subject: Subject, options: RunOptions): Promise<RunReport> {
  const answers = new Map<string, Map<number, number>>();
  const started = performance.now();
  let requests = 0;
  const tally = (name: string, status: number): void => {
    requests++;
    const statuses = answers.get(name) ?? new Map<number, number>();
    answers.set(name, statuses.set(status, (statuses.get(status) ?? 0) + 1));
  };
  const sender = createSender(subject, { ...options, tally });
  const report = (failure?: Failure): RunReport => ({
    requests,
    elapsedMs: performance.now() - started,
    answers,
    ...(failure && { failure }),
  });
  try {
    for (let round = 0; requests < options.requests; round++) {
      const failure = await runRound(subject, { ...options, seed: options.seed + round, run: sender.run });
      const faults = await options.afterRound(requests);
      if (failure !== undefined || options.path !== undefined) return report(failure);
      if (faults.length > 0) return report(failureOf(options.seed + round, faults));
    }
    return report();
  } finally {
    sender.close();
  }
}

async function runRound(
  { operations, tokens }: Subject,
  {
    seed,
    path,
    batch,
    run,
  }: Pick<RunOptions, 'seed' | 'path' | 'batch'> & { run: (steps: readonly Step[]) => Promise<Complaint[]> },
): Promise<Failure | undefined> {
  const forged = Object.keys(tokens).filter((name) => name.startsWith('forged_'));
  const steps = fc.array(stepFor(operations, forged), { minLength: 1, maxLength: batch, size: 'max' });
  const property = fc.asyncProperty(steps, async (steps) => {
    const complaints = await run(steps);
    if (complaints.length > 0) throw new BatchError(complaints);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: BATCHES_PER_ROUND,
    interruptAfterTimeLimit: SHRINK_WITHIN_MS,
    ...(path !== undefined && { path, endOnFailure: true }),
  });
  if (details.counterexample === null) return undefined;
  const { errorInstance } = details;
  if (!(errorInstance instanceof BatchError)) throw errorInstance;
  const [shortest] = details.counterexample;
  const alone = shortest.length > 1 ? await findAlone(shortest, run) : undefined;
  return {
    seed,
    path: details.counterexamplePath ?? undefined,
    ...(alone ?? { steps: shortest, complaints: errorInstance.complaints }),
  };
}

/** A list is cut from one end only: perhaps one of what is left fails without the others. */
async function findAlone(
  steps: readonly Step[],
  run: (steps: readonly Step[]) => Promise<Complaint[]>,
): Promise<Pick<Failure, 'steps' | 'complaints'> | undefined> {
  for (const step of steps.slice(0, MAX_ALONE)) {
    const complaints = await run([step]);
    if (complaints.length > 0) return { steps: [step], complaints };
  }
  return undefined;
}

function failureOf(seed: number, faults: readonly string[]): Failure {
  return { seed, path: undefined, steps: [], complaints: faults.map((sentence) => ({ sentence })) };
}
