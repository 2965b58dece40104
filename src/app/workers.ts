import cluster, { type Worker } from 'node:cluster';
import { joinMetricsOfWorkers } from './utils/worker-metrics.ts';

/** A worker that dies sooner than this after its start will die again: something is wrong that a restart does not mend. */
const HEALTHY_AFTER_MS = 3000;

/** Runs `count` processes of `entry` on one port; restarts one that dies, stops all on SIGTERM or SIGINT and exits when the last is gone. */
export function superviseWorkers(count: number, entry: string): void {
  let stopping = false;
  cluster.setupPrimary({ exec: entry, args: [] });
  joinMetricsOfWorkers();

  const start = (): void => {
    const started = performance.now();
    cluster.fork().once('exit', (code, signal) => {
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

function workers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

function exitWithLast(): void {
  if (workers().every((worker) => worker.isDead())) process.exit();
}
