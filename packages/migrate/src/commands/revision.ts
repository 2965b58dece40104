import { randomBytes } from 'node:crypto';
import { type BeyondModels, readBeyond, withBeyond } from '../autogenerate/beyond.ts';
import { clashesBetween } from '../autogenerate/clashes.ts';
import { changeBetween, compareModels } from '../autogenerate/compare.ts';
import { snapshotOfDatabase } from '../autogenerate/database.ts';
import { withOrderOf } from '../autogenerate/enum-values.ts';
import { snapshotOf } from '../autogenerate/kit.ts';
import type { NameAnswers } from '../autogenerate/names.ts';
import { paragraphs } from '../autogenerate/ordering.ts';
import { makersOf, narrowed } from '../autogenerate/owners.ts';
import type { Entity } from '../autogenerate/snapshot.ts';
import { conflictsBetween, renamesInTheWay, snapshotAt } from '../autogenerate/snapshots.ts';
import { MigrationError } from '../errors.ts';
import { connected, type Project } from '../project.ts';
import { readGraph } from '../runtime/state.ts';
import { inTransaction } from '../runtime/transaction.ts';
import { ownTables } from '../runtime/versions.ts';
import { isUpstream, ownHeads } from '../script/branches.ts';
import type { Graph } from '../script/graph.ts';
import type { Header } from '../script/header.ts';
import { refuseNames } from '../script/new-names.ts';
import { type NewRevision, parentsOf, type Revision, writeRevision } from '../script/revisions.ts';
import { resolve } from '../script/targets.ts';
import { hasChoice, headFor, type Place, placeOf } from './place.ts';

export interface RevisionRequest {
  /** What changes and why now; the first line names the folder. */
  message: string;
  /** Fill it with the difference between the models and the revision before. */
  autogenerate?: boolean;
  /** Fill it with what a live database has, as the first revision of a project that adopts it. */
  from_database?: boolean;
  /** Write it although nothing changed. */
  empty?: boolean;
  /** Which new names stand for old ones and which are really new. */
  answers?: NameAnswers;
  /** The revision to follow; the single head without it. */
  head?: string;
  /** Follow a revision that is no head: begin a branch. */
  splice?: boolean;
  branch_labels?: readonly string[];
  /** The revisions of other branches that it needs; their heads without it. */
  depends_on?: readonly string[];
  /** Its id; random without it. */
  rev_id?: string;
}

type Content = Pick<NewRevision, 'upgrade' | 'downgrade' | 'snapshot'> & Pick<WrittenRevision, 'leftOut'>;

/** A revision that was written. */
export interface WrittenRevision extends Revision {
  /** What a live database has and the revision has not, a sentence for each. */
  leftOut?: readonly string[];
}

/** Writes a new revision; `undefined` if nothing changed. */
export async function createRevision(project: Project, request: RevisionRequest): Promise<WrittenRevision | undefined> {
  const graph = readGraph(project);
  const place = placeOf(graph, { ...request, ...(await headOf(project, graph, request)) });
  const header: Header = {
    id: request.rev_id ?? newId(),
    ...place,
    branch_labels: request.branch_labels ?? [],
    message: request.message,
    create_date: now(),
  };
  refuseNames(graph, header);
  const content = await contentOf(project, graph, { ...request, place });
  if (content === undefined) return undefined;
  const { leftOut, ...files } = content;
  return { ...writeRevision(project.directory, { ...header, ...files }), ...(leftOut !== undefined && { leftOut }) };
}

/**
 * Joins branches by a revision that follows them all. Throws if two of them changed the same thing in different ways,
 * unless `prefer` names the one whose state counts.
 */
export async function mergeRevisions(
  project: Project,
  targets: readonly string[],
  { message, prefer }: { message: string; prefer?: string | undefined },
): Promise<Revision> {
  const graph = readGraph(project);
  const ids = [
    ...new Set(targets.flatMap((target) => (target === 'heads' ? ownHeads(graph) : resolve(graph, target)))),
  ];
  const upstream = ids.filter((id) => isUpstream(graph, id));
  if (upstream.length > 0 && upstream.length < ids.length)
    throw new MigrationError(
      `${upstream.join(', ')} come${upstream.length === 1 ? 's' : ''} from elsewhere and is never merged: a revision of your own depends on it`,
    );
  const tips = graph.tips(ids);
  if (tips.length < 2) throw new MigrationError(`There is nothing to merge: ${ids.join(' and ')} stand on one line`);
  const preferred = prefer === undefined ? undefined : graph.get(prefer).id;
  if (preferred === undefined) {
    refuseClashes(graph, tips);
    refuseConflicts(graph, tips);
    refuseEarlyRenames(graph, tips);
  }
  // The preferred branch comes last: where branches are joined, the later one's word counts.
  const ordered = [...tips.filter((id) => id !== preferred), ...tips.filter((id) => id === preferred)];
  const joined = snapshotAt(graph, ordered);
  const snapshot = joined && withOrderOf(joined, await project.models());
  const header: Header = {
    id: newId(),
    down_revisions: ordered,
    depends_on: [],
    branch_labels: [],
    message,
    create_date: now(),
  };
  refuseNames(graph, header);
  return writeRevision(project.directory, {
    ...header,
    upgrade: '',
    downgrade: '',
    ...(snapshot !== undefined && { snapshot }),
  });
}

async function headOf(project: Project, graph: Graph, request: RevisionRequest): Promise<{ head?: string }> {
  if (request.head !== undefined || !request.autogenerate || request.from_database || !hasChoice(graph)) return {};
  const before = snapshotAt(graph, graph.heads);
  const after = await snapshotOf(await project.models(), { objects: await project.objects() });
  const head = headFor(graph, { before, after });
  return head === undefined ? {} : { head };
}

async function contentOf(
  project: Project,
  graph: Graph,
  { place, ...request }: RevisionRequest & { place: Place },
): Promise<Content | undefined> {
  const nothing: Content = { upgrade: '', downgrade: '' };
  if (request.from_database) return fromDatabase(project, place.down_revisions);
  if (!request.autogenerate) return nothing;
  const parents = parentsOf(place);
  if (parents.length > 1) refuseConflicts(graph, parents);
  const change = await compareModels({
    before: snapshotAt(graph, parents),
    models: await project.models(),
    objects: await project.objects(),
    answers: request.answers ?? { renamed: [], created: [] },
    ...(graph.heads.length > 1 && {
      narrow: (states) => narrowed(states, { graph, makers: makersOf(graph), line: place.down_revisions }),
    }),
  });
  if (change === undefined) return request.empty ? nothing : undefined;
  const { upgrade, downgrade, snapshot } = change;
  return { upgrade: paragraphs(upgrade), downgrade: paragraphs(downgrade), snapshot };
}

async function fromDatabase(project: Project, down_revisions: readonly string[]): Promise<Content> {
  if (down_revisions.length > 0)
    throw new MigrationError('A live database is a starting point: there must be no revision before it');
  const empty = await snapshotOf({});
  const { schemas } = schemasOf(await snapshotOf(await project.models()), project.schema);
  const read = { schemas, own: ownTables(project) };
  const { live, beyond } = await connected(project, async (client) => ({
    live: await snapshotOfDatabase(client, read),
    beyond: await inTransaction(client, { schema: project.schema }, () => readBeyond(client, read)),
  }));
  const ddl = live.ddl.filter((item) => !isOfExclusion(item, beyond));
  const state = { ...live, ddl, objects: beyond.objects };
  const { upgrade, downgrade } = await changeBetween(empty, state, { renamed: [], created: [] });
  // What models do not describe stays as it is made here: no later comparison is about it.
  return {
    upgrade: `${leftOutComment(beyond.leftOut)}${paragraphs(withBeyond(upgrade, beyond))}`,
    downgrade: paragraphs(downgrade),
    snapshot: { ...live, ddl },
    leftOut: beyond.leftOut,
  };
}

/** drizzle-kit takes the index of an exclusion constraint for one of its own. */
function isOfExclusion({ entityType, name }: Entity, { objects }: BeyondModels): boolean {
  return entityType === 'indexes' && objects[`exclusion ${name}`] !== undefined;
}

function leftOutComment(leftOut: readonly string[]): string {
  if (leftOut.length === 0) return '';
  return `-- Not written here; add what you need by hand:\n${leftOut.map((what) => `--   ${what.replaceAll(/\s+/g, ' ')}\n`).join('')}\n`;
}

function schemasOf({ ddl }: Awaited<ReturnType<typeof snapshotOf>>, schema: string): { schemas: string[] } {
  const named = ddl.filter(({ entityType }) => entityType === 'schemas').map(({ name }) => name);
  return { schemas: [schema, ...named] };
}

function pairsOf(tips: readonly string[]): string[][] {
  return tips.flatMap((one, index) => tips.slice(index + 1).map((other) => [one, other]));
}

function refuseClashes(graph: Graph, tips: readonly string[]): void {
  const clashes = pairsOf(tips).flatMap((pair) => clashesBetween(graph, pair));
  if (clashes.length > 0) throw new MigrationError([...new Set(clashes)].join('\n'));
}

function refuseEarlyRenames(graph: Graph, tips: readonly string[]): void {
  const early = pairsOf(tips).flatMap((pair) => earlyRenamesOf(graph, pair));
  if (early.length > 0) throw new MigrationError([...new Set(early)].join('\n'));
}

function earlyRenamesOf(graph: Graph, pair: readonly string[]): string[] {
  return renamesInTheWay(graph, pair).map(
    (id) =>
      `${graph.get(id).path} renames what the other branch still calls by its old name, and runs first: begin its folder's name with a later time, so that it runs last, and merge again`,
  );
}

function refuseConflicts(graph: Graph, tips: readonly string[]): void {
  for (const pair of pairsOf(tips)) {
    const conflicts = conflictsBetween(graph, pair);
    if (conflicts.length === 0) continue;
    const early = earlyRenamesOf(graph, pair).map((sentence) => `\n${sentence}`);
    const names = conflicts.map(({ kind, name }) => `${kind} ${name}`).join(', ');
    throw new MigrationError(
      `${pair.join(' and ')} both change ${names}, and not in the same way. Decide which one counts: ${graph.command} merge ${tips.join(' ')} --prefer REV -m "merge", and write what undoes the other into the merge's upgrade.sql${early.join('')}`,
    );
  }
}

function newId(): string {
  return randomBytes(6).toString('hex');
}

function now(): string {
  return new Date().toISOString().slice(0, 16).replace('T', ' ');
}
