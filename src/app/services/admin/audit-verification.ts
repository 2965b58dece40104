import { setTimeout as sleep } from 'node:timers/promises';
import type { AppContext } from '../../context.ts';
import { onOwnConnection } from '../../database.ts';
import { type Verification, type VerificationProgress, verify } from '../system/audit-verifier.ts';

interface Run {
  progress: VerificationProgress;
  isOver: boolean;
  outcome: Promise<Verification>;
  /** Settles with the first progress, or with the error that kept it away. */
  begun: Promise<unknown>;
}

const TOLD_EVERY_MS = 250;

/** The one verification that runs in this process: it reads the whole table, so all who ask meanwhile follow it. */
let running: Run | undefined;

/**
 * Recomputes every link of the audit events on a connection of its own, without anchors. Gives how far it is, a few times a
 * second, and at last the outcome.
 */
export async function follow(
  ctx: Pick<AppContext, 'config'>,
): Promise<AsyncGenerator<VerificationProgress | Verification>> {
  running ??= start(ctx);
  await running.begun;
  return steps(running);
}

function start({ config }: Pick<AppContext, 'config'>): Run {
  const begun = Promise.withResolvers<void>();
  const options = {
    retention_days: config.audit_retention_days,
    onProgress: (progress: VerificationProgress) => {
      run.progress = progress;
      begun.resolve();
    },
  };
  const outcome = onOwnConnection(config, (db) => verify({ db }, options)).finally(() => {
    run.isOver = true;
    running = undefined;
  });
  outcome.catch(begun.reject);
  const run: Run = { progress: { done: 0, rows: 0 }, isOver: false, outcome, begun: begun.promise };
  return run;
}

async function* steps(run: Run): AsyncGenerator<VerificationProgress | Verification> {
  while (!run.isOver) {
    yield run.progress;
    await Promise.race([run.outcome, sleep(TOLD_EVERY_MS)]);
  }
  yield await run.outcome;
}
