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

interface Start {
  (): void;
  bytes: number;
}

/** A queue that is fair among clients: a client that sends many jobs delays its own jobs only. */
export function createWorkQueue({ concurrency, maxBytes, maxWaitMs, refuse, ...bounds }: WorkQueueOptions): WorkQueue {
  const lanes: Record<Lane, FairLane> = { proof: createFairLane(bounds), new: createFairLane(bounds) };
  let running = 0;
  let used = 0;
  let served: Lane = 'new';

  const take = (bytes: number): void => {
    running++;
    used += bytes;
  };

  const turn = ({ client, lane, bytes = 0 }: Requester): Promise<void> =>
    new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        take(bytes);
        resolve();
      };
      const start = Object.assign(begin, { bytes });
      const timer = setTimeout(() => {
        lanes[lane].remove(client, start);
        reject(refuse('busy'));
      }, maxWaitMs);
      if (lanes[lane].add(client, start)) return;
      clearTimeout(timer);
      reject(refuse('busy'));
    });

  const next = (): Start | undefined => {
    const other: Lane = served === 'proof' ? 'new' : 'proof';
    const start = lanes[other].shift(maxBytes - used);
    if (start === undefined) return lanes[served].shift(maxBytes - used);
    served = other;
    return start;
  };

  const fill = (): void => {
    while (running < concurrency) {
      const start = next();
      if (start === undefined) return;
      start();
    }
  };

  return {
    run: async (job, requester) => {
      const { bytes = 0 } = requester;
      if (bytes > maxBytes) throw refuse('memory');
      if (running < concurrency && used + bytes <= maxBytes) take(bytes);
      else await turn(requester);
      try {
        return await job();
      } finally {
        running--;
        used -= bytes;
        // The places go to the next jobs and are never free in between.
        fill();
      }
    },
    get running() {
      return running;
    },
    get bytes() {
      return used;
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
  /** The first job of the client whose turn it is; a client whose job takes more than `bytes` keeps its turn. */
  shift: (bytes: number) => Start | undefined;
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
    shift: (bytes) => {
      for (const [client, jobs] of clients) {
        const [start] = jobs;
        if (start === undefined || start.bytes > bytes) continue;
        // To the end of the turns.
        clients.delete(client);
        clients.set(client, jobs);
        remove(client, start);
        return start;
      }
      return undefined;
    },
    get size() {
      return size;
    },
  };
}
