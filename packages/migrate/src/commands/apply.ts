import type pg from 'pg';
import { MigrationError } from '../errors.ts';
import { connected, type Project } from '../project.ts';
import { createLine } from '../runtime/line.ts';
import { lostError, resumptionOf, unfinishedOf } from '../runtime/resume.ts';
import type { RunContext, Step } from '../runtime/run.ts';
import { prepareRevision, runRevision } from '../runtime/runner.ts';
import { readSessionSettings } from '../runtime/session.ts';
import { knownVersions, readGraph, refuseEdited } from '../runtime/state.ts';
import { abandon, openingOf, underMigrationLock } from '../runtime/transaction.ts';
import {
  ensureVersionTables,
  moveVersionsSql,
  readApplied,
  readVersions,
  recordsIn,
  rememberSql,
} from '../runtime/versions.ts';
import type { Graph } from '../script/graph.ts';
import { type Direction, type Revision, readScript } from '../script/revisions.ts';
import { downgradePlan, goalOf, upgradePlan } from '../script/targets.ts';

/** What a command would do, without doing it. */
export async function plan(project: Project, direction: Direction, target: string): Promise<Revision[]> {
  const graph = readGraph(project);
  return connected(project, (client) => planned(client, project, { graph, direction, target }));
}

/** Applies or reverts up to a target and returns the steps that this call did itself. */
export async function run(project: Project, direction: Direction, target: string): Promise<Step[]> {
  const graph = readGraph(project);
  return connected(project, async (client) => {
    const revisions = await planned(client, project, { graph, direction, target });
    if (revisions.length === 0) return [];
    await ensured(client, project);
    const session = await readSessionSettings(client);
    const unfinished = new Set(unfinishedOf(await readApplied(client, project)).map(({ version_num }) => version_num));
    const { schema, recordsTable, connect, onWait } = project;
    const context: RunContext = { graph, schema, recordsTable, session, unfinished, client, connect, onWait };
    return runAll(context, { revisions, direction, onStep: project.onStep });
  });
}

async function runAll(
  context: RunContext,
  { revisions, direction, onStep }: { revisions: readonly Revision[]; direction: Direction } & Pick<Project, 'onStep'>,
): Promise<Step[]> {
  const steps: Step[] = [];
  const line = createLine(revisions, (revision) => prepareRevision(context, { revision, direction }));
  try {
    for (let run = line.take(); run !== undefined; run = line.take()) {
      const step = await runRevision(context, run, line.look);
      if (step === undefined) continue;
      steps.push(step);
      onStep?.(step);
    }
    return steps;
  } finally {
    await abandon(context.client, line.look()?.opening);
  }
}

/**
 * Says that the database is at the targets, without running anything; the checksums of all that they build on are taken
 * from the files as they are. `purge` empties the version table first, of unknown revisions too.
 */
export async function stamp(
  project: Project,
  targets: readonly string[],
  { purge = false }: { purge?: boolean } = {},
): Promise<string[]> {
  const graph = readGraph(project);
  const { schema } = project;
  return connected(project, async (client) => {
    if (!purge) await knownVersions(client, project, graph);
    await ensured(client, project);
    return underMigrationLock(
      client,
      { opening: openingOf({ schema }), onWait: () => project.onWait?.('another migration is running') },
      async () => {
        const to = graph.tips(targets.flatMap((target) => goalOf(graph, target)));
        const from = await readVersions(client, schema);
        const remembered = [...graph.ancestors(to)].map((id) => rememberedAs(project, graph.get(id)));
        await client.query(
          [`delete from ${recordsIn(project)}`, ...moveVersionsSql(schema, { from, to }), ...remembered].join(';\n'),
        );
        return to;
      },
    );
  });
}

/** Makes the version tables where they are missing. */
export async function ensureVersion(project: Project): Promise<void> {
  await connected(project, (client) => ensured(client, project));
}

async function planned(
  client: pg.Client,
  project: Project,
  { graph, direction, target }: { graph: Graph; direction: Direction; target: string },
): Promise<Revision[]> {
  if (target.includes(':')) throw new MigrationError('A range is for a script: add --sql');
  const versions = await knownVersions(client, project, graph);
  const unfinished = unfinishedOf(await readApplied(client, project));
  for (const record of unfinished) {
    if (!graph.has(record.version_num)) throw lostError(record, { versions, command: graph.command });
    const revision = graph.get(record.version_num);
    resumptionOf({ revision, direction, script: readScript(revision, direction) }, record, graph.command);
  }
  if (direction === 'downgrade')
    // An upgrade that stopped is undone like one that came to its end.
    return downgradePlan(graph, [...versions, ...unfinished.map(({ version_num }) => version_num)], target);
  await refuseEdited(client, project, graph);
  return upgradePlan(graph, versions, target);
}

/** Asked first without the lock: if the tables exist, no run has to wait for another one. */
async function ensured(client: pg.Client, project: Project): Promise<void> {
  const { schema, onWait } = project;
  const { rows } = await client.query('select to_regclass($1) is not null as is_there', [recordsIn(project)]);
  if (rows[0]?.is_there === true) return;
  const opening = openingOf({ schema });
  await underMigrationLock(client, { opening, onWait: () => onWait?.('another migration is running') }, () =>
    ensureVersionTables(client, project),
  );
}

function rememberedAs(project: Project, revision: Revision): string {
  const { checksum } = readScript(revision, 'upgrade');
  return rememberSql(project, { version_num: revision.id, checksum, statements_done: null, direction: 'upgrade' });
}
