import { MigrationError } from '../errors.ts';
import type { Project } from '../project.ts';
import { arrivalSql } from '../runtime/arrival.ts';
import { qualified } from '../runtime/outside-transaction.ts';
import type { Run } from '../runtime/run.ts';
import { segmentsOf } from '../runtime/segments.ts';
import { cleanSessionSql } from '../runtime/session.ts';
import { readGraph } from '../runtime/state.ts';
import { BEGIN, LOCK_KEY, settingsSql } from '../runtime/transaction.ts';
import { versionTablesSql } from '../runtime/versions.ts';
import type { Graph } from '../script/graph.ts';
import { type Direction, parentsOf, type Revision, readScript } from '../script/revisions.ts';
import { downgradePlan, goalOf, upgradePlan } from '../script/targets.ts';
import { refuseSessionOutside, refuseTransactionControl, setsSession } from '../sql/transactions.ts';

/**
 * The script that psql has to run instead of a command, without asking any database: from `base` for a plain upgrade target,
 * from A to B for a range `A:B`, which a downgrade always needs.
 */
export function offlineScript(project: Project, direction: Direction, target: string): string {
  const { graph, revisions, ...start } = wayOf(project, direction, target);
  const parts = [tables(project)];
  let { versions } = start;
  for (const revision of revisions) {
    const run: Run = { revision, direction, script: readScript(revision, direction) };
    parts.push(scriptOf(project, graph, { run, versions }));
    versions = versionsAfter(graph, versions, run);
  }
  return parts.join('\n');
}

/** The revisions of such a script. */
export function offlinePlan(project: Project, direction: Direction, target: string): Revision[] {
  return wayOf(project, direction, target).revisions;
}

interface OfflineWay {
  graph: Graph;
  /** Where the script begins. */
  versions: readonly string[];
  revisions: Revision[];
}

function wayOf(project: Project, direction: Direction, target: string): OfflineWay {
  const graph = readGraph(project);
  const [first, second] = target.split(':');
  if (second === undefined && direction === 'downgrade')
    throw new MigrationError(
      `A downgrade script needs to know where it starts: ${project.command} downgrade FROM:TO --sql`,
    );
  const versions = second === undefined ? [] : goalOf(graph, first || 'base');
  const goal = (second ?? first) || 'head';
  const revisions = direction === 'upgrade' ? upgradePlan(graph, versions, goal) : downgradePlan(graph, versions, goal);
  return { graph, versions, revisions };
}

function tables(project: Project): string {
  const { schema } = project;
  const statements = schema === 'public' ? [] : [`create schema if not exists "${schema}"`];
  return block([...statements, ...versionTablesSql(project)]);
}

function scriptOf(
  { schema, recordsTable }: Project,
  graph: Graph,
  { run, versions }: { run: Run; versions: readonly string[] },
): string {
  const { revision, direction, script } = run;
  const file = `${revision.path}/${direction}.sql`;
  for (const statement of script.statements) {
    refuseTransactionControl(statement, file);
    refuseSessionOutside(statement, file);
  }
  const opening = [
    settingsSql({ schema, lock_wait: script.lock_timeout ?? '5s', statement_timeout: script.statement_timeout }),
    `select pg_advisory_xact_lock(${LOCK_KEY})`,
  ];
  const arrival = arrivalSql({ graph, schema, recordsTable }, run, versions);
  const clean = cleanSessionSql([], script);
  const segments = segmentsOf(script);
  const parts = segments.map(({ alone, from, to }, index) => {
    const statements = script.statements.slice(from, to);
    if (alone) return `${statements.map((statement) => qualified(statement, schema)).join(';\n')};\n`;
    const isLast = index === segments.length - 1;
    const carried = script.statements.slice(0, from).filter((statement) => setsSession(statement));
    const texts = [...carried, ...statements].map(({ sql }) => sql);
    return block([...opening, ...texts, ...clean, ...(isLast ? arrival : [])]);
  });
  if (segments.at(-1)?.alone !== false) parts.push(block([...opening, ...arrival]));
  return [`-- ${direction} ${revision.id}: ${revision.message}\n`, ...parts].join('\n');
}

function versionsAfter(graph: Graph, versions: readonly string[], { revision, direction }: Run): string[] {
  const { id } = revision;
  if (direction === 'upgrade') return graph.tips([...versions, id]);
  const kept = versions.filter((version) => version !== id);
  const below = graph.ancestors(kept);
  return [...kept, ...graph.tips(parentsOf(revision)).filter((parent) => !below.has(parent))];
}

function block(statements: readonly string[]): string {
  return `${BEGIN};\n\n${statements.map((statement) => `${statement};\n`).join('\n')}\ncommit;\n`;
}
