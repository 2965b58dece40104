import { MigrationError } from '../errors.ts';
import type { Graph } from '../script/graph.ts';
import { type Revision, readScript, type Script } from '../script/revisions.ts';
import {
  isOutsideTransaction,
  refuseSessionOutside,
  refuseTransactionControl,
  setsSession,
} from '../sql/transactions.ts';
import { executeAll } from './execute.ts';
import { withLockRetry } from './lock-retry.ts';
import { runOutsideTransaction } from './outside-transaction.ts';
import type { Run, RunContext, Segment, Step } from './run.ts';
import { cleanSessionSql } from './session.ts';
import { revisionError } from './statement-error.ts';
import { inTransaction, underMigrationLock } from './transaction.ts';
import {
  type AppliedRevision,
  forgetSql,
  moveVersionsSql,
  readApplied,
  readVersions,
  rememberSql,
  versionsSql,
} from './versions.ts';

/**
 * Runs one revision: in one transaction, with the version table's move in it, or in segments where a statement refuses to be
 * in a transaction. `undefined` where somebody else has done it meanwhile. What fails leaves nothing of its transaction.
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
  const isWhole = script.statements.every((statement) => !isOutsideTransaction(statement));
  const running = isWhole ? runWhole(context, run) : runInSegments(context, run);
  const isDone = await running.catch((error: unknown) => {
    throw revisionError(error, run);
  });
  return isDone ? { direction, revision, duration_ms: performance.now() - started } : undefined;
}

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

/** SQL that moves the version table over a revision, and remembers or forgets it. */
export function arrivalSql(
  { graph, schema }: Pick<RunContext, 'graph' | 'schema'>,
  { revision: { id, down_revisions }, direction, script }: Run,
  versions: readonly string[],
): string[] {
  if (direction === 'upgrade') {
    const from = down_revisions.filter((down) => versions.includes(down));
    const remembered = { version_num: id, checksum: script.checksum, statements_done: null, direction };
    return [...moveVersionsSql(schema, { from, to: [id] }), rememberSql(schema, remembered)];
  }
  const kept = graph.ancestors(versions.filter((version) => version !== id));
  const to = down_revisions.filter((down) => !kept.has(down));
  return [...moveVersionsSql(schema, { from: [id], to }), forgetSql(schema, id)];
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

async function runInSegments(context: RunContext, run: Run): Promise<boolean> {
  const { client, schema, onWait, graph } = context;
  const worker = await context.connect();
  try {
    // The first connection holds the lock for the whole revision; the second one works.
    return await underMigrationLock(
      client,
      { schema, onWait: () => onWait?.('another migration is running') },
      async () => {
        const versions = await readVersions(client, schema);
        if (!isDue(graph, run, versions)) return false;
        const resumed = resumedAt(run, (await readApplied(client, schema)).get(run.revision.id));
        for (const segment of segmentsOf(run.script).filter(({ to }) => to > (resumed ?? 0)))
          await runSegment({ ...context, client: worker }, run, { ...segment, isResumed: resumed === segment.from });
        const closing = [...cleanSessionSql(context.session, run.script), ...arrivalSql(context, run, versions)];
        await inTransaction(worker, { schema }, () => worker.query(closing.join(';\n')));
        return true;
      },
    );
  } finally {
    await worker.end().catch(() => {});
  }
}

async function runSegment(
  context: RunContext,
  run: Run,
  { alone, from, to, isResumed }: Segment & { isResumed: boolean },
): Promise<void> {
  const { client, schema } = context;
  const { revision, direction, script } = run;
  const remember = (statements_done: number): string =>
    rememberSql(schema, { version_num: revision.id, checksum: script.checksum, statements_done, direction });
  if (alone) {
    await client.query(remember(from));
    await runOutsideTransaction(client, { ...run, schema, index: from, isResumed });
    await client.query(remember(to));
    return;
  }
  // What the parts before have set in their session counts here too: for a reader it is one script.
  const carried = script.statements.slice(0, from).filter((statement) => setsSession(statement));
  await withLockRetry(context, script, (lock_wait) =>
    inTransaction(client, { schema, lock_wait, statement_timeout: script.statement_timeout }, async () => {
      await executeAll(client, [...carried, ...script.statements.slice(from, to)], run);
      await client.query([...cleanSessionSql(context.session, script), remember(to)].join(';\n'));
    }),
  );
}

/**
 * Where an interrupted run of the same statements stopped; `undefined` where it was not begun. Throws where it went the other
 * way, or where the file was edited since.
 */
export function resumedAt(
  { revision, direction, script }: Run,
  applied: AppliedRevision | undefined,
): number | undefined {
  if (applied === undefined || applied.statements_done === null) return undefined;
  if (applied.direction !== direction)
    throw new MigrationError(
      `Revision ${revision.id} stopped in the middle of its ${applied.direction}; run that again first`,
    );
  if (applied.checksum !== script.checksum)
    throw new MigrationError(
      `Revision ${revision.id} stopped after statement ${applied.statements_done} of its ${direction} and was edited since; restore ${revision.path}/${direction}.sql`,
    );
  return applied.statements_done;
}

function isDue(graph: Graph, { revision, direction }: Run, versions: readonly string[]): boolean {
  if (direction === 'downgrade') return versions.includes(revision.id);
  const applied = graph.ancestors(versions);
  return !applied.has(revision.id) && revision.down_revisions.every((down) => applied.has(down));
}
