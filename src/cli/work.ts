import type { Command } from 'commander';
import { createAppContext } from '../app/app.ts';
import { loadConfig, readEnvironment } from '../app/config.ts';
import { jobs } from '../app/jobs/index.ts';
import { runDueJobs, startWorker } from '../app/services/system/worker.ts';

/** `back work`: works off jobs in a process that serves nothing, beside servers with JOBS=false or with them. */
export function registerWork(program: Command): void {
  program
    .command('work')
    .description('work off jobs until a signal comes; those under way are finished first')
    .option('--once', 'work off what is due, then end')
    .action(async ({ once = false }: { once?: boolean }) => {
      process.env.ENVIRONMENT = readEnvironment().ENVIRONMENT?.trim() || 'production';
      const { ctx, close } = createAppContext(loadConfig(readEnvironment()));
      try {
        if (once) console.log(`Attempts: ${await runDueJobs(ctx, jobs)}`);
        else {
          const worker = startWorker(ctx, jobs);
          ctx.log.info({ event: 'worker.started' }, 'jobs are worked off');
          const signal = await nextSignal();
          ctx.log.info({ event: 'worker.stopping', signal }, 'stopping: jobs under way are finished first');
          await worker.close();
        }
      } finally {
        await close();
      }
    });
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, resolve);
  });
}
