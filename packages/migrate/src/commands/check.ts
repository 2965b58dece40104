import type pg from 'pg';
import { compareModels } from '../autogenerate/compare.ts';
import { driftOf } from '../autogenerate/drift.ts';
import { snapshotAt } from '../autogenerate/snapshots.ts';
import { connected, type Project } from '../project.ts';
import { lostRemedy, unfinishedOf } from '../runtime/resume.ts';
import { editedRevisions, knownVersions, pendingIds, readGraph } from '../runtime/state.ts';
import { readApplied } from '../runtime/versions.ts';
import { forkedHeads } from '../script/branches.ts';
import type { Graph } from '../script/graph.ts';
import { refusedTexts } from './lint.ts';

/** One thing that is not as it should be, and what to do about it. */
export interface Difference {
  between: 'migrations and grammar' | 'models and migrations' | 'migrations and database' | 'models and database';
  what: string;
  remedy: string;
}

/** Compares models, migrations and the live database. Changes nothing; empty if all three agree. */
export async function check(project: Project): Promise<Difference[]> {
  const graph = readGraph(project);
  const grammar = await inGrammar(graph);
  const models = await inModels(project, graph);
  return connected(project, async (client) => {
    const database = await inDatabase(client, project, graph);
    // Against a database that lacks revisions every difference would be named twice.
    const isComparable = models.length === 0 && database.length === 0;
    return [...grammar, ...models, ...database, ...(isComparable ? await inDrift(client, project) : [])];
  });
}

/** What PostgreSQL's grammar refuses, before any database sees it. */
async function inGrammar(graph: Graph): Promise<Difference[]> {
  const refused = await refusedTexts(graph.ordered, ['upgrade', 'downgrade']);
  return refused.map(({ file, line, column, message }) => ({
    between: 'migrations and grammar',
    what: `${file}:${line}:${column}: ${message}`,
    remedy: 'mend the statement there',
  }));
}

async function inModels(project: Project, graph: Graph): Promise<Difference[]> {
  const between = 'models and migrations';
  const forked = forkedHeads(graph);
  if (forked.length > 0)
    return [
      {
        between,
        what: `${forked.length} heads: ${forked.join(', ')}`,
        remedy: `${project.command} merge ${forked.join(' ')} -m "merge"`,
      },
    ];
  const change = await compareModels({
    before: snapshotAt(graph, graph.heads),
    models: await project.models(),
    objects: await project.objects(),
    answers: { renamed: [], created: [], ask: async () => undefined },
  });
  const remedy = `${project.command} revision --autogenerate -m "…"`;
  return (change?.upgrade ?? []).map((what) => ({ between, what, remedy }));
}

async function inDatabase(client: pg.Client, project: Project, graph: Graph): Promise<Difference[]> {
  const between = 'migrations and database';
  const { command } = project;
  const versions = await knownVersions(client, project, graph);
  const applied = await readApplied(client, project);
  const pending = await pendingIds(client, project, graph);
  const invalid = await invalidIndexes(client);
  return [
    ...pending.map(
      (id) => ({ between, what: `revision ${id} is not applied`, remedy: `${command} upgrade head` }) as const,
    ),
    ...unfinishedOf(applied).map(
      ({ version_num, direction, statements_done }) =>
        ({
          between,
          what: `revision ${version_num} stopped after statement ${statements_done} of its ${direction}`,
          remedy: graph.has(version_num)
            ? `mend what stands behind that and run ${command} ${direction} again: it goes on there; or undo what ran: ${command} downgrade -1`
            : lostRemedy({ versions, command }),
        }) as const,
    ),
    ...editedRevisions(graph, versions, applied).map(
      ({ id, path }) =>
        ({
          between,
          what: `revision ${id} was edited after it was applied`,
          remedy: `restore ${path}/upgrade.sql and write a new revision`,
        }) as const,
    ),
    ...invalid.map(
      (name) => ({ between, what: `index ${name} is invalid`, remedy: `REINDEX INDEX CONCURRENTLY ${name}` }) as const,
    ),
  ];
}

async function inDrift(client: pg.Client, { models, objects, schema, recordsTable }: Project): Promise<Difference[]> {
  const statements = await driftOf(client, { models: await models(), objects: await objects(), schema, recordsTable });
  return statements.map((what) => ({
    between: 'models and database',
    what,
    remedy: 'the database was changed by hand: undo the change there, or put it into models and a revision',
  }));
}

async function invalidIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    `select indexrelid::regclass::text as name from pg_index where not indisvalid and indrelid::regclass::text !~ '^pg_toast'`,
  );
  return rows.map(({ name }) => name);
}
