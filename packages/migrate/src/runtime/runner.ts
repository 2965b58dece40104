import { MigrationError } from '../errors.ts';
import { type Revision, readScript, type Script } from '../script/revisions.ts';
import { isOutsideTransaction, refuseSessionOutside, refuseTransactionControl } from '../sql/transactions.ts';
import { arrivalSql, isDue } from './arrival.ts';
import { executeAll } from './execute.ts';
import { withLockRetry } from './lock-retry.ts';
import type { Run, RunContext, Step } from './run.ts';
import { runInSegments } from './segments.ts';
import { cleanSessionSql } from './session.ts';
import { revisionError } from './statement-error.ts';
import { underMigrationLock } from './transaction.ts';
import { versionsSql } from './versions.ts';

/**
 * Runs one revision: in one transaction, with the version table's move in it, or in segments if a statement refuses to be
 * in a transaction. `undefined` if another run has done it meanwhile. A failure leaves nothing of its transaction.
 */
export async function runRevision(
  context: RunContext,
  { revision, direction }: Omit<Run, 'script'>,
): Promise<Step | undefined> {
  const script = readScript(revision, direction);
  const file = `${revision.path}/${direction}.sql`;
  for (const statement of script.statements) {
    refuseTransactionControl(statement, file);
    refuseSessionOutside(statement, file);
  }
  if (direction === 'downgrade') refuseMissing(script, revision);
  const started = performance.now();
  const run: Run = { revision, direction, script };
  // What stopped between its parts goes on part by part, even if an edit has left none that runs alone.
  const isWhole =
    !context.unfinished.has(revision.id) && script.statements.every((statement) => !isOutsideTransaction(statement));
  const running = isWhole ? runWhole(context, run) : runInSegments(context, run);
  const isDone = await running.catch((error: unknown) => {
    throw revisionError(error, run);
  });
  return isDone ? { direction, revision, duration_ms: performance.now() - started } : undefined;
}

/** Moving the version back over a change that stays would leave the two in disagreement. */
function refuseMissing({ statements, allows_empty }: Script, revision: Revision): void {
  if (statements.length > 0 || allows_empty || readScript(revision, 'upgrade').statements.length === 0) return;
  throw new MigrationError(
    `Revision ${revision.id} has no way back: ${revision.path}/downgrade.sql is empty. Write it, or say there that nothing is to be undone: -- lint: allow missing-downgrade because …`,
  );
}

async function runWhole(context: RunContext, run: Run): Promise<boolean> {
  const { client, schema, onWait } = context;
  const { statement_timeout, statements } = run.script;
  return withLockRetry(context, run.script, (lock_wait) =>
    underMigrationLock(
      client,
      {
        schema,
        statement_timeout,
        lock_wait,
        ask: versionsSql(schema),
        onWait: () => onWait?.('another migration is running'),
      },
      async ({ answer, atCommit }) => {
        const versions = answer.map(({ version_num }) => String(version_num));
        if (!isDue(context.graph, run, versions)) return false;
        await executeAll(client, statements, run);
        atCommit([...cleanSessionSql(context.session, run.script), ...arrivalSql(context, run, versions)]);
        return true;
      },
    ),
  );
}
