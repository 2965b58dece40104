/** Starts a job that waits; `bytes` is the memory that the job takes. */
export interface Start {
  (): void;
  bytes: number;
  /** Refuses the job. */
  drop: () => void;
}

/** The waiting jobs of one lane, client by client. */
export interface FairLane {
  /** False if the lane or the client has no place left. In a full lane the client with the most jobs loses its last one to a client with fewer. */
  add: (client: string, start: Start) => boolean;
  remove: (client: string, start: Start) => void;
  /** The first job of the client whose turn it is; a client whose job may not start keeps its turn. */
  shift: (mayStart: (client: string, bytes: number) => boolean) => Start | undefined;
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
  /** False if nobody has more jobs than the client would have. */
  const makeRoomFor = (own: number): boolean => {
    const [longest] = [...clients].sort(([, one], [, other]) => other.size - one.size);
    const last = [...(longest?.[1] ?? [])].at(-1);
    if (longest === undefined || last === undefined || longest[1].size <= own + 1) return false;
    remove(longest[0], last);
    last.drop();
    return true;
  };

  return {
    add: (client, start) => {
      const own = clients.get(client)?.size ?? 0;
      if (own >= maxWaitingPerClient || (size >= maxWaiting && !makeRoomFor(own))) return false;
      clients.set(client, (clients.get(client) ?? new Set()).add(start));
      size++;
      return true;
    },
    remove,
    shift: (mayStart) => {
      for (const [client, jobs] of clients) {
        const [start] = jobs;
        if (start === undefined || !mayStart(client, start.bytes)) continue;
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
