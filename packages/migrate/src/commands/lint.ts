import { basename, dirname, resolve } from 'node:path';
import type { LintedScript } from '../lint/finding.ts';
import { createLinter } from '../lint/revision.ts';
import { readStatements } from '../lint/script.ts';
import type { Project } from '../project.ts';
import { readGraph } from '../runtime/state.ts';
import { type Direction, type Revision, readScript } from '../script/revisions.ts';
import { findGrammar } from '../sql/grammar.ts';

/** A text that PostgreSQL's grammar refuses, and where, from 1. */
export interface RefusedText {
  file: string;
  line: number;
  column: number;
  message: string;
}

/** The dangers and locks of revisions, of all without ids: judged oldest first, so that each is read once, and in the ids' order. */
export async function lintRevisions(project: Project, ids: readonly string[] | undefined): Promise<LintedScript[]> {
  const graph = readGraph(project);
  const linter = await createLinter(graph, project);
  const wanted = ids?.map((id) => graph.get(id)) ?? graph.ordered;
  const named = new Set(wanted);
  const judged = graph.ordered.filter((revision) => named.has(revision));
  const results = new Map(judged.map((revision) => [revision, linter.revision(revision)]));
  return wanted.flatMap((revision) => results.get(revision) ?? []);
}

/** The dangers and locks of a text as if it were the next revision; a revision's own file is judged where it stands. */
export async function lintText(project: Project, file: string, text: string): Promise<LintedScript> {
  const graph = readGraph(project);
  const linter = await createLinter(graph, project);
  const folder = dirname(resolve(file));
  const own = graph.ordered.find(({ path }) => resolve(path) === folder);
  return own !== undefined && basename(file) === 'upgrade.sql' ? linter.revision(own) : linter.text(file, text);
}

/** What the grammar refuses in the files that would run; nothing if the parser is not installed: then the database reads them first. */
export async function refusedOf(
  project: Project,
  direction: Direction,
  ids: readonly string[],
): Promise<RefusedText[]> {
  const graph = readGraph(project);
  return refusedTexts(
    ids.map((id) => graph.get(id)),
    [direction],
  );
}

/** What the grammar refuses in the files of the revisions; nothing if the parser is not installed. */
export async function refusedTexts(
  revisions: readonly Revision[],
  directions: readonly Direction[],
): Promise<RefusedText[]> {
  const grammar = await findGrammar();
  if (grammar === undefined) return [];
  return revisions.flatMap((revision) =>
    directions.flatMap((direction) =>
      readStatements(grammar, readScript(revision, direction).text).problems.map(({ message, line, column }) => ({
        file: `${revision.path}/${direction}.sql`,
        line,
        column,
        message,
      })),
    ),
  );
}
