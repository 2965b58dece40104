import type pg from 'pg';
import { MigrationError } from '../errors.ts';
import { connected, type Project } from '../project.ts';
import { createGraph, type Graph } from '../script/graph.ts';
import { type Revision, readRevisions, readScript } from '../script/revisions.ts';
import { type AppliedRevision, type Queryable, readApplied, readVersions, type VersionTables } from './versions.ts';

/** A revision that the database is at, with what is known of it there. */
export interface CurrentRevision extends Revision {
  is_head: boolean;
  /** Unknown if another tool applied it. */
  applied_at: Date | undefined;
}

/** Where the database stands. */
export interface CurrentState {
  revisions: CurrentRevision[];
  /** A revision that stopped on its way between statements that cannot be in one transaction. */
  unfinished: { id: string; direction: string; statements_done: number } | undefined;
}

/** Reads the folder and puts it in order. */
export function readGraph({
  directory,
  command,
  upstream,
}: Pick<Project, 'directory' | 'command' | 'upstream'>): Graph {
  return createGraph(readRevisions(directory), { command, upstream });
}

/** Where the database stands. Throws if it is at a revision that is not among the files. */
export async function currentState(project: Project): Promise<CurrentState> {
  const graph = readGraph(project);
  return connected(project, async (client) => {
    const [versions, applied] = [await knownVersions(client, project, graph), await readApplied(client, project)];
    const unfinished = [...applied.values()].find(({ statements_done }) => statements_done !== null);
    return {
      revisions: versions.map((id) => ({
        ...graph.get(id),
        is_head: graph.heads.includes(id),
        applied_at: applied.get(id)?.applied_at,
      })),
      unfinished: unfinished && {
        id: unfinished.version_num,
        direction: unfinished.direction,
        statements_done: unfinished.statements_done ?? 0,
      },
    };
  });
}

/** The ids that the database lacks, oldest first: one query, two if a newer release has taken it further. */
export async function pendingIds(db: Queryable, tables: VersionTables, graph: Graph): Promise<string[]> {
  const versions = await readVersions(db, tables.schema);
  const applied = graph.ancestors(versions);
  const isAhead = versions.some((id) => !graph.has(id));
  // How it got there is not among the files, but each revision that it passed is remembered.
  const passed = isAhead ? await readApplied(db, tables) : new Map<string, AppliedRevision>();
  return graph.ordered.map(({ id }) => id).filter((id) => !applied.has(id) && passed.get(id)?.statements_done !== null);
}

/** The heads that the database is at. Throws if one is not among the files. */
export async function knownVersions(client: pg.Client, tables: VersionTables, graph: Graph): Promise<string[]> {
  const versions = await readVersions(client, tables.schema);
  const unknown = versions.find((version) => !graph.has(version));
  if (unknown === undefined) return versions;
  const record = (await readApplied(client, tables)).get(unknown);
  const since = record === undefined ? '' : ` (applied ${record.applied_at.toISOString()})`;
  throw new MigrationError(
    `The database is at revision ${unknown}${since}, which is not among the files: it is ahead of this code, or the folder is missing. Take the code that has it, or restore the folder`,
  );
}

/** The applied revisions whose statements are not the ones that ran. */
export function editedRevisions(
  graph: Graph,
  versions: readonly string[],
  applied: ReadonlyMap<string, AppliedRevision>,
): Revision[] {
  const done = graph.ancestors(versions);
  return graph.ordered.filter((revision) => {
    const record = applied.get(revision.id);
    if (record === undefined || record.statements_done !== null || !done.has(revision.id)) return false;
    return readScript(revision, 'upgrade').checksum !== record.checksum;
  });
}

/** Throws if an applied file was edited: what it says is not what the database has. */
export async function refuseEdited(client: pg.Client, project: Project, graph: Graph): Promise<void> {
  const { schema, command } = project;
  const versions = await readVersions(client, schema);
  const [edited, ...more] = editedRevisions(graph, versions, await readApplied(client, project));
  if (edited === undefined) return;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  throw new MigrationError(
    `Revision ${edited.id}${others} was edited after it was applied: ${edited.path}/upgrade.sql. Restore it and write a new revision; or, if the database was changed in the same way by hand, accept it with: ${command} stamp ${versions.join(' ')}`,
  );
}
