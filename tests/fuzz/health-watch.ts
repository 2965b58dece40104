import { setTimeout as sleep } from 'node:timers/promises';
import { readProcess, type Server } from './server.ts';

/** Looks after the serving process: that it stays the same, stays small, and writes no error. */
export interface HealthWatch {
  /** Sentences about what went wrong so far. */
  look: (requests: number) => Promise<readonly string[]>;
  /** The last look, at a server that has had a moment's rest. */
  lookAtEnd: () => Promise<readonly string[]>;
  memory: () => string;
}

/** By then everything is compiled and every cache is filled: what comes on top is growth. */
const WARM_AFTER_REQUESTS = 5000;
/** V8 leaves garbage lie; a leak of as little as 2 kB a request would pass this bound within 100,000 requests. */
const MAX_GROWTH_MB = 128;
const REST_MS = 3000;

/** Remembers what the process was before the first request. */
export async function createHealthWatch({ port, log }: Server): Promise<HealthWatch> {
  const { started, rss_mb: idle_mb } = await readProcess(port);
  let warm_mb: number | undefined;
  let last_mb = idle_mb;

  const look = async (requests: number): Promise<string[]> => {
    const now = await readProcess(port).catch(() => undefined);
    if (now === undefined) return ['the server does not answer any more', ...log.complaints];
    last_mb = now.rss_mb;
    if (requests >= WARM_AFTER_REQUESTS) warm_mb ??= now.rss_mb;
    return [
      ...(now.started === started && log.pids.size <= 1 ? [] : ['the server is another process than at the start']),
      ...log.complaints,
    ];
  };
  return {
    look,
    lookAtEnd: async () => {
      await sleep(REST_MS);
      const faults = await look(0);
      const grown = last_mb - (warm_mb ?? last_mb);
      return grown > MAX_GROWTH_MB ? [...faults, `the server holds ${grown} MB more than when it was warm`] : faults;
    },
    memory: () => `memory of the server: ${idle_mb} MB idle, ${warm_mb ?? '-'} MB warm, ${last_mb} MB at the end`,
  };
}
