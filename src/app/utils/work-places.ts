export interface PlacesBounds {
  /** Jobs that run at once. */
  concurrency: number;
  /** The places that one client may have; all of them if it is absent. */
  concurrencyPerClient?: number;
  /** Memory that the jobs which run may take together. */
  maxBytes?: number;
}

/** What the jobs that run take: places and memory. */
export interface Places {
  isFree: (client: string, bytes: number) => boolean;
  take: (client: string, bytes: number) => void;
  give: (client: string, bytes: number) => void;
  readonly running: number;
  readonly bytes: number;
  readonly maxBytes: number;
}

export function createPlaces({
  concurrency,
  concurrencyPerClient = concurrency,
  maxBytes = Number.POSITIVE_INFINITY,
}: PlacesBounds): Places {
  const runningOf = new Map<string, number>();
  let running = 0;
  let used = 0;
  return {
    isFree: (client, bytes) =>
      running < concurrency && bytes <= maxBytes - used && (runningOf.get(client) ?? 0) < concurrencyPerClient,
    take: (client, bytes) => {
      running++;
      runningOf.set(client, (runningOf.get(client) ?? 0) + 1);
      used += bytes;
    },
    give: (client, bytes) => {
      running--;
      const own = (runningOf.get(client) ?? 0) - 1;
      if (own > 0) runningOf.set(client, own);
      else runningOf.delete(client);
      used -= bytes;
    },
    get running() {
      return running;
    },
    get bytes() {
      return used;
    },
    maxBytes,
  };
}
