/** Starts a job that waits; `bytes` is the memory that the job takes. */
export interface Start {
  (): void;
  bytes: number;
}

/** The waiting jobs of one lane, client by client. */
export interface FairLane {
  /** False if the lane or the client has no place left. */
  add: (client: string, start: Start) => boolean;
  remove: (client: string, start: Start) => void;
  /** The first job of the client whose turn it is; a client whose job takes more than `bytes` keeps its turn. */
  shift: (bytes: number) => Start | undefined;
  readonly size: number;
}

/** A lane that serves the jobs of one client in order and whose clients take turns. */
export function createFairLane({
  maxWaiting,
  maxWaitingPerClient,
}: {
  maxWaiting: number;
  maxWaitingPerClient: number;
}): FairLane {
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
