import { basename, dirname, resolve } from 'node:path';
import type { Finding, LintedScript } from '../lint/finding.ts';
import { createLinter, type JudgedRevision, type RefusedText, refusedIn } from '../lint/revision.ts';
import { readStatements } from '../lint/script.ts';
import type { Project } from '../project.ts';
import { readGraph } from '../runtime/state.ts';
import { type Direction, type Revision, readScript } from '../script/revisions.ts';
import { findGrammar } from '../sql/grammar.ts';

/** The dangers and locks of revisions, of all without ids: judged oldest first, so that each is read once, and in the ids' order. */
export async function lintRevisions(project: Project, ids: readonly string[] | undefined): Promise<JudgedRevision[]> {
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

/** What an upgrade is told of its revisions. */
export interface JudgedUpgrade {
  /** What the grammar refuses: then nothing runs. */
  refused: RefusedText[];
  findings: Finding[];
}

/** The dangers of revisions and what the grammar refuses of their upgrades, in one reading; nothing without revisions or parser. */
export async function judgeUpgrade(project: Project, ids: readonly string[]): Promise<JudgedUpgrade> {
  if (ids.length === 0 || (await findGrammar()) === undefined) return { refused: [], findings: [] };
  const judged = await lintRevisions(project, ids);
  return {
    refused: judged.flatMap(({ refused }) => refused),
    findings: judged.flatMap(({ findings }) => findings),
  };
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
  const grammar = revisions.length === 0 ? undefined : await findGrammar();
  if (grammar === undefined) return [];
  return revisions.flatMap((revision) =>
    directions.flatMap((direction) =>
      refusedIn(readStatements(grammar, readScript(revision, direction).text), `${revision.path}/${direction}.sql`),
    ),
  );
}
