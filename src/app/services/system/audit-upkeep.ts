import type { Core } from '../../core.ts';
import { startPeriodicTask } from '../../utils/periodic-task.ts';
import { keepUp } from './audit-partitions.ts';
import { currentAnchors } from './audit-verifier.ts';

/** Keeps the audit table in shape while the process lives. */
export interface AuditUpkeep {
  /** Runs once now; rejects if the database refuses. */
  run: () => Promise<void>;
  close: () => void;
}

/** Late enough that a start, a test or a command is over. */
const FIRST_MS = 10_000;
const EVERY_MS = 6 * 3_600_000;
const AFTER_FAILURE_MS = 10 * 60_000;

/**
 * Every few hours: creates coming partitions, drops expired ones, and writes the chains' ends into the log. The log is kept
 * on another system than the database, so that a rewritten table can be compared with it.
 */
export function createAuditUpkeep({ config, db, clock, log, metrics }: Core): AuditUpkeep {
  const keepUpOnce = async (): Promise<'succeeded' | 'busy'> => {
    const { created, dropped, is_busy } = await keepUp({ config, log });
    if (created.length + dropped.length > 0)
      log.info({ event: 'audit.partitions_changed', created, dropped }, 'audit partitions were made or dropped');
    log.info({ event: 'audit.anchor', chains: await currentAnchors({ db }) });
    return is_busy ? 'busy' : 'succeeded';
  };

  const run = async (): Promise<void> => {
    try {
      const outcome = await keepUpOnce();
      metrics.audit_upkeep_runs_total.inc(outcome);
      if (outcome === 'busy') return;
      metrics.audit_upkeep_last_success_timestamp_seconds.set(clock.now().getTime() / 1000);
    } catch (error) {
      metrics.audit_upkeep_runs_total.inc('failed');
      throw error;
    }
  };

  const task = startPeriodicTask(run, {
    firstMs: FIRST_MS,
    everyMs: EVERY_MS,
    afterFailureMs: AFTER_FAILURE_MS,
    onFailure: (err) =>
      log.warn(
        { event: 'audit.upkeep_failed', err },
        'audit partitions could not be kept up; events are still recorded',
      ),
  });
  return { run, close: task.close };
}
