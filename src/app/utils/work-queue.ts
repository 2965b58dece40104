import { createFairLane, type FairLane } from './fair-lane.ts';
import { createPlaces, type PlacesBounds } from './work-places.ts';

/** The owner of a job: jobs of one client take turns with those of others, and proofs with new passwords. */
export interface Requester {
  /** Jobs of one client are served in order; the clients of a lane take turns. */
  client: string;
  /** The lanes take turns, `proof` first, and without a name it is that one. Each has a capacity of its own, so that one cannot fill the other. */
  lane?: Lane;
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

export interface WorkQueueOptions extends PlacesBounds {
  /** Of one lane. */
  maxWaiting: number;
  /** Of one client in one lane. */
  maxWaitingPerClient: number;
  maxWaitMs: number;
  refuse: (reason: Reason) => Error;
}

/** A queue that is fair among clients: a client that sends many jobs delays its own jobs only. */
export function createWorkQueue({ maxWaitMs, refuse, ...bounds }: WorkQueueOptions): WorkQueue {
  const lanes = createLanes(bounds);
  const places = createPlaces(bounds);

  const turn = (client: string, { lane = 'proof', bytes = 0 }: Requester): Promise<void> =>
    new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        places.take(client, bytes);
        resolve();
      };
      const drop = (): void => {
        clearTimeout(timer);
        reject(refuse('busy'));
      };
      const start = Object.assign(begin, { bytes, drop });
      const timer = setTimeout(() => {
        lanes.of[lane].remove(client, start);
        drop();
      }, maxWaitMs);
      if (!lanes.of[lane].add(client, start)) drop();
    });

  const fill = (): void => {
    for (;;) {
      const start = lanes.shift(places.isFree);
      if (start === undefined) return;
      start();
    }
  };

  return {
    run: async (job, requester) => {
      const { client, bytes = 0 } = requester;
      if (bytes > places.maxBytes) throw refuse('memory');
      if (places.isFree(client, bytes)) places.take(client, bytes);
      else await turn(client, requester);
      try {
        return await job();
      } finally {
        places.give(client, bytes);
        // The places go to the next jobs and are never free in between.
        fill();
      }
    },
    get running() {
      return places.running;
    },
    get bytes() {
      return places.bytes;
    },
    get waiting() {
      return lanes.of.proof.size + lanes.of.new.size;
    },
  };
}

/** The lanes, which take turns. */
interface Lanes {
  readonly of: Readonly<Record<Lane, FairLane>>;
  /** The first job that may start, of the lane whose turn it is if it has one. */
  shift: FairLane['shift'];
}

function createLanes(bounds: { maxWaiting: number; maxWaitingPerClient: number }): Lanes {
  const of = { proof: createFairLane(bounds), new: createFairLane(bounds) };
  let served: Lane = 'new';
  return {
    of,
    shift: (mayStart) => {
      const other: Lane = served === 'proof' ? 'new' : 'proof';
      const start = of[other].shift(mayStart);
      if (start === undefined) return of[served].shift(mayStart);
      served = other;
      return start;
    },
  };
}
