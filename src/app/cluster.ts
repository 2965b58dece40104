import cluster, { type Worker } from 'node:cluster';
import { joinMetricsOfWorkers } from './observability/cluster-metrics.ts';

/** A worker that dies sooner than this after its start will die again: something is wrong that a restart does not mend. */
const HEALTHY_AFTER_MS = 3000;

/** Runs `count` processes of `entry` on one port; restarts one that dies, stops all on SIGTERM or SIGINT and exits when the last is gone. */
export function superviseWorkers(count: number, entry: string): void {
  let stopping = false;
  cluster.setupPrimary({ exec: entry, args: [] });
  joinMetricsOfWorkers();

  const start = (): void => {
    const started = performance.now();
    const worker = cluster.fork();
    const hangUp = rememberConnection(worker);
    worker.once('exit', (code, signal) => {
      hangUp();
      if (stopping) return exitWithLast();
      console.error(`worker ended with ${signal ?? `code ${code}`}`);
      if (performance.now() - started >= HEALTHY_AFTER_MS) return start();
      process.exitCode = 1;
      stop();
    });
  };
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    for (const worker of workers()) worker.process.kill('SIGTERM');
    exitWithLast();
  };

  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  for (let number = 0; number < count; number++) start();
}

/**
 * Node keeps a connection that it gives to a worker open here until the worker says that it has it. One that dies first never
 * does, and the client would wait for ever: what is returned hangs up. There is only one at a time.
 */
function rememberConnection({ process: child }: Worker): () => void {
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  let last: { close: () => void } | undefined;
  child.send = (...args: unknown[]): boolean => {
    const [message, handle] = args as [{ act?: string }?, { close: () => void }?];
    if (message?.act === 'newconn') last = handle;
    return send(...args);
  };
  // Once closed, it stays so: to close it again does nothing.
  return () => last?.close();
}

function workers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

function exitWithLast(): void {
  if (workers().every((worker) => worker.isDead())) process.exit();
}
