/** The owner of a job: jobs of one client take turns with those of others, and proofs with new passwords. */
export interface Requester {
  /** Jobs of one client are served in order; the clients of a lane take turns. */
  client: string;
  /** The lanes take turns, `proof` first. Each has a capacity of its own, so that one cannot fill the other. */
  lane: Lane;
}

export type Lane = 'proof' | 'new';

/** Runs at most `concurrency` jobs at once and keeps a bounded number of others waiting. */
export interface WorkQueue {
  /** The job's result. Rejects with `refuse()`, without starting the job, if no place is free or the wait is too long. */
  run: <T>(job: () => Promise<T>, requester: Requester) => Promise<T>;
  readonly running: number;
  readonly waiting: number;
}

export interface WorkQueueOptions {
  concurrency: number;
  /** Of one lane. */
  maxWaiting: number;
  /** Of one client in one lane. */
  maxWaitingPerClient: number;
  maxWaitMs: number;
  refuse: () => Error;
}

type Start = () => void;

/** A queue that is fair among clients: a client that sends many jobs delays its own jobs only. */
export function createWorkQueue({ concurrency, maxWaitMs, refuse, ...bounds }: WorkQueueOptions): WorkQueue {
  const lanes: Record<Lane, FairLane> = { proof: createFairLane(bounds), new: createFairLane(bounds) };
  let running = 0;
  let served: Lane = 'new';

  const turn = ({ client, lane }: Requester): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        lanes[lane].remove(client, start);
        reject(refuse());
      }, maxWaitMs);
      if (lanes[lane].add(client, start)) return;
      clearTimeout(timer);
      reject(refuse());
    });

  const next = (): Start | undefined => {
    const other: Lane = served === 'proof' ? 'new' : 'proof';
    const start = lanes[other].shift();
    if (start === undefined) return lanes[served].shift();
    served = other;
    return start;
  };

  const passOn = (): void => {
    // The place goes to the next job and is never free in between.
    const start = next();
    if (start === undefined) running--;
    else start();
  };

  return {
    run: async (job, requester) => {
      if (running < concurrency) running++;
      else await turn(requester);
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
      return lanes.proof.size + lanes.new.size;
    },
  };
}

/** The waiting jobs of one lane, client by client. */
interface FairLane {
  /** False if the lane or the client has no place left. */
  add: (client: string, start: Start) => boolean;
  remove: (client: string, start: Start) => void;
  /** The first job of the client whose turn it is. */
  shift: () => Start | undefined;
  readonly size: number;
}

function createFairLane({
  maxWaiting,
  maxWaitingPerClient,
}: Pick<WorkQueueOptions, 'maxWaiting' | 'maxWaitingPerClient'>): FairLane {
  /** In the order of their turns. */
  const clients = new Map<string, Set<Start>>();
  let size = 0;

  const remove = (client: string, start: Start): void => {
    const jobs = clients.get(client);
    if (jobs?.delete(start)) size--;
    if (jobs?.size === 0) clients.delete(client);
  };

  return {
    add: (client, start) => {
      const jobs = clients.get(client) ?? new Set();
      if (size >= maxWaiting || jobs.size >= maxWaitingPerClient) return false;
      clients.set(client, jobs.add(start));
      size++;
      return true;
    },
    remove,
    shift: () => {
      const [first] = clients;
      if (first === undefined) return undefined;
      const [client, jobs] = first;
      const [start] = jobs;
      if (start === undefined) return undefined;
      // To the end of the turns.
      clients.delete(client);
      clients.set(client, jobs);
      remove(client, start);
      return start;
    },
    get size() {
      return size;
    },
  };
}
