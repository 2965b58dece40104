import { createFairLane, type FairLane, type Start } from './fair-lane.ts';

/** The owner of a job: jobs of one client take turns with those of others, and proofs with new passwords. */
export interface Requester {
  /** Jobs of one client are served in order; the clients of a lane take turns. */
  client: string;
  /** The lanes take turns, `proof` first. Each has a capacity of its own, so that one cannot fill the other. */
  lane: Lane;
  /** Memory that the job takes while it runs; 0 if it is not worth counting. */
  bytes?: number;
}

export type Lane = 'proof' | 'new';

/** Runs at most `concurrency` jobs at once and keeps a bounded number of others waiting. */
export interface WorkQueue {
  /** The job's result. Rejects with `refuse()`, without starting the job, if no place is free or the wait is too long. */
  run: <T>(job: () => Promise<T>, requester: Requester) => Promise<T>;
  readonly running: number;
  readonly waiting: number;
  /** Memory that the jobs which run take. */
  readonly bytes: number;
}

/** `busy`: no place, or too long a wait. `memory`: the job alone takes more than there is. */
export type Reason = 'busy' | 'memory';

export interface WorkQueueOptions {
  concurrency: number;
  /** Memory that the jobs which run may take together. */
  maxBytes: number;
  /** Of one lane. */
  maxWaiting: number;
  /** Of one client in one lane. */
  maxWaitingPerClient: number;
  maxWaitMs: number;
  refuse: (reason: Reason) => Error;
}

/** A queue that is fair among clients: a client that sends many jobs delays its own jobs only. */
export function createWorkQueue({ concurrency, maxBytes, maxWaitMs, refuse, ...bounds }: WorkQueueOptions): WorkQueue {
  const lanes = createLanes(bounds);
  const places = createPlaces(maxBytes);

  const turn = ({ client, lane, bytes = 0 }: Requester): Promise<void> =>
    new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        places.take(bytes);
        resolve();
      };
      const start = Object.assign(begin, { bytes });
      const timer = setTimeout(() => {
        lanes.of[lane].remove(client, start);
        reject(refuse('busy'));
      }, maxWaitMs);
      if (lanes.of[lane].add(client, start)) return;
      clearTimeout(timer);
      reject(refuse('busy'));
    });

  const fill = (): void => {
    while (places.running < concurrency) {
      const start = lanes.shift(places.bytesLeft);
      if (start === undefined) return;
      start();
    }
  };

  return {
    run: async (job, requester) => {
      const { bytes = 0 } = requester;
      if (bytes > maxBytes) throw refuse('memory');
      if (places.running < concurrency && bytes <= places.bytesLeft) places.take(bytes);
      else await turn(requester);
      try {
        return await job();
      } finally {
        places.give(bytes);
        // The places go to the next jobs and are never free in between.
        fill();
      }
    },
    get running() {
      return places.running;
    },
    get bytes() {
      return maxBytes - places.bytesLeft;
    },
    get waiting() {
      return lanes.of.proof.size + lanes.of.new.size;
    },
  };
}

/** The lanes, which take turns. */
interface Lanes {
  readonly of: Readonly<Record<Lane, FairLane>>;
  /** The first job, of the lane whose turn it is if it has one that fits into the memory. */
  shift: (bytes: number) => Start | undefined;
}

function createLanes(bounds: { maxWaiting: number; maxWaitingPerClient: number }): Lanes {
  const of = { proof: createFairLane(bounds), new: createFairLane(bounds) };
  let served: Lane = 'new';
  return {
    of,
    shift: (bytes) => {
      const other: Lane = served === 'proof' ? 'new' : 'proof';
      const start = of[other].shift(bytes);
      if (start === undefined) return of[served].shift(bytes);
      served = other;
      return start;
    },
  };
}

/** What the jobs that run take: places and memory. */
interface Places {
  take: (bytes: number) => void;
  give: (bytes: number) => void;
  readonly running: number;
  readonly bytesLeft: number;
}

function createPlaces(maxBytes: number): Places {
  let running = 0;
  let used = 0;
  return {
    take: (bytes) => {
      running++;
      used += bytes;
    },
    give: (bytes) => {
      running--;
      used -= bytes;
    },
    get running() {
      return running;
    },
    get bytesLeft() {
      return maxBytes - used;
    },
  };
}
