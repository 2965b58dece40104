import type { Script } from '../script/revisions.ts';
import { isOutsideTransaction, setsSession } from '../sql/transactions.ts';
import { arrivalSql, isDue } from './arrival.ts';
import { executeAll, executeWhatIsThere } from './execute.ts';
import { LOCK_WAIT, withLockRetry } from './lock-retry.ts';
import { runOutsideTransaction } from './outside-transaction.ts';
import { progressOf, type Resumption, resumptionOf, stoppedError } from './resume.ts';
import type { Run, RunContext, Segment } from './run.ts';
import { cleanSessionSql } from './session.ts';
import { inTransaction, openingOf, underMigrationLock } from './transaction.ts';
import { readApplied, readVersions, rememberSql } from './versions.ts';

/** The script's segments in order. */
export function segmentsOf({ statements }: Pick<Script, 'statements'>): Segment[] {
  const segments: Segment[] = [];
  statements.forEach((statement, index) => {
    const alone = isOutsideTransaction(statement);
    const last = segments.at(-1);
    if (last !== undefined && !alone && !last.alone) last.to = index + 1;
    else segments.push({ alone, from: index, to: index + 1 });
  });
  return segments;
}

/** Runs a revision part by part, each remembered when it is done, and goes on where an earlier run stopped. */
export async function runInSegments(context: RunContext, run: Run): Promise<boolean> {
  const { client, schema, onWait, graph } = context;
  const worker = await context.connect();
  try {
    // The first connection holds the lock for the whole revision; the second one works.
    return await underMigrationLock(
      client,
      { opening: openingOf({ schema }), onWait: () => onWait?.('another migration is running') },
      async () => {
        const versions = await readVersions(client, schema);
        const resumption = resumptionOf(run, (await readApplied(client, context)).get(run.revision.id), graph.command);
        const isBegun = run.direction === 'downgrade' && resumption.is_begun;
        if (!isDue(graph, run, versions) && !isBegun) return false;
        const undoesPart = !versions.includes(run.revision.id) && isBegun;
        await runFrom({ ...context, client: worker }, run, { ...resumption, undoesPart });
        const closing = [...cleanSessionSql(context.session, run.script), ...arrivalSql(context, run, versions)];
        await inTransaction(worker, { schema }, () => worker.query(closing.join(';\n')));
        return true;
      },
    );
  } finally {
    await worker.end().catch(() => {});
  }
}

interface SegmentRun extends Segment {
  /** An earlier run got to this very statement and did not come back to say that it was done. */
  isResumed: boolean;
  /** The way back of an upgrade that stopped: what it did not come to is not there. */
  undoesPart: boolean;
}

async function runFrom(
  context: RunContext,
  run: Run,
  { from, isAttempted, undoesPart }: Resumption & { undoesPart: boolean },
): Promise<void> {
  let done = from;
  for (const segment of segmentsOf(run.script).filter(({ to }) => to > from)) {
    const start = Math.max(segment.from, from);
    const isResumed = start === from && isAttempted;
    try {
      await runSegment(context, run, { ...segment, from: start, isResumed, undoesPart });
    } catch (error) {
      throw stoppedError(error, run, { done, command: context.graph.command });
    }
    done = segment.to;
  }
}

async function runSegment(
  context: RunContext,
  run: Run,
  { alone, from, to, isResumed, undoesPart }: SegmentRun,
): Promise<void> {
  const { client, schema } = context;
  const { revision, direction, script } = run;
  const remember = (done: number, attempted?: number): string =>
    rememberSql(context, {
      version_num: revision.id,
      checksum: progressOf(script, done, attempted),
      statements_done: done,
      direction,
    });
  if (alone) {
    await client.query(remember(from, from));
    await runOutsideTransaction(client, { ...run, schema, index: from, isResumed, undoesPart });
    await client.query(remember(to));
    return;
  }
  // What the parts before have set in their session counts here too: for a reader it is one script.
  const carried = script.statements.slice(0, from).filter((statement) => setsSession(statement));
  const execute = undoesPart ? executeWhatIsThere : executeAll;
  const settings = { schema, lock_wait: LOCK_WAIT, statement_timeout: script.statement_timeout };
  await withLockRetry(context, script, () =>
    inTransaction(client, settings, async () => {
      await execute(client, [...carried, ...script.statements.slice(from, to)], run);
      await client.query([...cleanSessionSql(context.session, script), remember(to)].join(';\n'));
    }),
  );
}
