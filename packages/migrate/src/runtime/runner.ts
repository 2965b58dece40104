import { MigrationError } from '../errors.ts';
import { type Revision, readScript, type Script } from '../script/revisions.ts';
import { isOutsideTransaction, refuseSessionOutside, refuseTransactionControl } from '../sql/transactions.ts';
import { arrivalSql, isDue } from './arrival.ts';
import { executeAll } from './execute.ts';
import { LOCK_WAIT, withLockRetry } from './lock-retry.ts';
import type { Prepared, Run, RunContext, Step } from './run.ts';
import { runInSegments } from './segments.ts';
import { cleanSessionSql } from './session.ts';
import { revisionError } from './statement-error.ts';
import { type Opening, openingOf, underMigrationLock } from './transaction.ts';
import { versionsSql } from './versions.ts';

/** Reads a revision and refuses what may not run. */
export function prepareRevision(context: RunContext, { revision, direction }: Omit<Run, 'script'>): Prepared {
  const script = readScript(revision, direction);
  const file = `${revision.path}/${direction}.sql`;
  for (const statement of script.statements) {
    refuseTransactionControl(statement, file);
    refuseSessionOutside(statement, file);
  }
  if (direction === 'downgrade') refuseMissing(script, revision);
  // What stopped between its parts goes on part by part, even if an edit has left none that runs alone.
  const isWhole =
    !context.unfinished.has(revision.id) && script.statements.every((statement) => !isOutsideTransaction(statement));
  return { revision, direction, script, opening: isWhole ? wholeOpening(context, script) : undefined };
}

/**
 * Runs one revision: in one transaction, with the version table's move in it, or in segments if a statement refuses to be
 * in a transaction. `undefined` if another run has done it meanwhile. A failure leaves nothing of its transaction. `next` reads
 * the revision that follows, while the server works: its transaction begins together with this one's commit.
 */
export async function runRevision(
  context: RunContext,
  run: Prepared,
  next: () => Prepared | undefined,
): Promise<Step | undefined> {
  const { revision, direction, opening } = run;
  const started = performance.now();
  const running = opening === undefined ? runInSegments(context, run) : runWhole(context, { run, opening, next });
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

function wholeOpening({ schema }: RunContext, { statement_timeout }: Script): Opening {
  return openingOf({ schema, statement_timeout, lock_wait: LOCK_WAIT }, versionsSql(schema));
}

async function runWhole(
  context: RunContext,
  { run, opening, next }: { run: Run; opening: Opening; next: () => Prepared | undefined },
): Promise<boolean> {
  const { client, onWait } = context;
  const { statements } = run.script;
  return withLockRetry(context, run.script, () =>
    underMigrationLock(
      client,
      { opening, onWait: () => onWait?.('another migration is running') },
      async ({ answer, atCommit }) => {
        const versions = answer.map(({ version_num }) => String(version_num));
        if (!isDue(context.graph, run, versions)) return false;
        const running = executeAll(client, statements, run);
        const following = next();
        await running;
        const closing = [...cleanSessionSql(context.session, run.script), ...arrivalSql(context, run, versions)];
        atCommit(closing, following?.opening);
        return true;
      },
    ),
  );
}
