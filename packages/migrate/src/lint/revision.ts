import { snapshotAt } from '../autogenerate/snapshots.ts';
import type { Graph } from '../script/graph.ts';
import { type Direction, parentsOf, type Revision, readScript } from '../script/revisions.ts';
import { type Grammar, loadGrammar } from '../sql/grammar.ts';
import { beginRevision, type Catalog, copyOf, emptyCatalog } from './catalog.ts';
import type { Finding, LintedScript } from './finding.ts';
import { excerpt, lintScript } from './lint-script.ts';
import { type ReadScript, readStatements } from './script.ts';
import { snapshotFacts } from './snapshot-facts.ts';
import { straySuppressions } from './suppressions.ts';

/** A text that PostgreSQL's grammar refuses, and where, from 1. */
export interface RefusedText {
  file: string;
  line: number;
  column: number;
  message: string;
}

/** What lint says of a revision, and what the grammar refuses of its upgrade. */
export interface JudgedRevision extends LintedScript {
  refused: RefusedText[];
}

/** Judges revisions of one graph, and texts that stand on it. */
export interface Linter {
  /** The dangers of a revision's upgrade, accepted ones included, what its downgrade lacks, and its locks. */
  revision: (revision: Revision) => JudgedRevision;
  /** The dangers of a text as if it were the next revision. */
  text: (file: string, text: string) => LintedScript;
}

/** Loads the grammar. */
export async function createLinter(graph: Graph, { schema }: { schema: string }): Promise<Linter> {
  const grammar = await loadGrammar();
  const history = historyOf(graph, { grammar, schema });
  return {
    revision: (revision) => {
      const place = { revision: revision.id, file: `${revision.path}/upgrade.sql` };
      const script = readStatements(grammar, readScript(revision, 'upgrade').text);
      const catalog = history.before(parentsOf(revision));
      const linted = lintScript(script, { catalog, grammar, place });
      history.remember(revision.id, catalog);
      const own = [...linted.findings, ...straySuppressions(script, place, linted.findings)];
      const back = lintDowngrade(revision, {
        grammar,
        catalog: beginRevision(copyOf(catalog), { schema, snapshot: undefined }),
        isEmpty: isEmpty(script),
      });
      return { findings: [...own, ...back], locks: linted.locks, refused: refusedIn(script, place.file) };
    },
    text: (file, text) => {
      const script = readStatements(grammar, text);
      const place = { revision: '', file };
      const linted = lintScript(script, { catalog: history.before(graph.heads), grammar, place });
      return { ...linted, findings: [...linted.findings, ...straySuppressions(script, place, linted.findings)] };
    },
  };
}

/** What the grammar refuses of a file. */
export function refusedIn({ problems }: ReadScript, file: string): RefusedText[] {
  return problems.map(({ message, line, column }) => ({ file, line, column, message }));
}

interface History {
  /** A catalog at the beginning of a revision that follows these; it is the caller's to change. */
  before: (ids: readonly string[]) => Catalog;
  /** The catalog after a revision that was applied to what `before` gave. */
  remember: (id: string, catalog: Catalog) => void;
}

/** Each revision is applied once if they are asked for oldest first; where branches meet, all that they build on is. */
function historyOf(graph: Graph, { grammar, schema }: { grammar: Grammar; schema: string }): History {
  let latest: { id: string; catalog: Catalog } | undefined;
  const begin = (catalog: Catalog, ids: readonly string[]): Catalog =>
    beginRevision(catalog, { schema, snapshot: snapshotFacts(grammar, () => snapshotAt(graph, ids)) });
  const add = (catalog: Catalog, revision: Revision): Catalog => {
    const place = { revision: revision.id, file: '' };
    const script = readStatements(grammar, readScript(revision, 'upgrade').text);
    lintScript(script, { catalog: begin(catalog, parentsOf(revision)), grammar, place });
    return catalog;
  };
  /** The latest catalog, if the revisions build on it: a copy if others follow it too. */
  const takeLatest = (wanted: ReadonlySet<string>): { id: string; catalog: Catalog } | undefined => {
    const found = latest !== undefined && wanted.has(latest.id) ? latest : undefined;
    if (found === undefined || graph.dependents(found.id).length > 1)
      return found && { ...found, catalog: copyOf(found.catalog) };
    latest = undefined;
    return found;
  };
  return {
    before: (ids) => {
      const [id] = ids;
      const isNext = ids.length === 1 && id !== undefined && latest?.id === id;
      const wanted = isNext ? new Set(ids) : graph.ancestors(ids);
      const known = takeLatest(wanted);
      if (isNext && known !== undefined) return begin(known.catalog, ids);
      const done = known === undefined ? new Set<string>() : graph.ancestors([known.id]);
      const missing = graph.ordered.filter((revision) => wanted.has(revision.id) && !done.has(revision.id));
      return begin(missing.reduce(add, known?.catalog ?? emptyCatalog(schema)), ids);
    },
    remember: (id, catalog) => {
      latest = { id, catalog };
    },
  };
}

function isEmpty({ statements, problems }: ReadScript): boolean {
  return statements.length === 0 && problems.length === 0;
}

const LOSSES = new Set(['drops-table', 'drops-column', 'deletes-all-rows']);

function lintDowngrade(
  revision: Revision,
  { grammar, catalog, isEmpty: isNothingToUndo }: { grammar: Grammar; catalog: Catalog; isEmpty: boolean },
): Finding[] {
  const direction: Direction = 'downgrade';
  const { text, allows_empty } = readScript(revision, direction);
  const script = readStatements(grammar, text);
  const place = { revision: revision.id, file: `${revision.path}/${direction}.sql` };
  const about = { ...place, table: '', lock: undefined, blocks: undefined, accepted: undefined };
  if (!isNothingToUndo && isEmpty(script) && !allows_empty)
    return [
      {
        ...about,
        rule: 'missing-downgrade',
        severity: 'danger',
        line: 1,
        column: 1,
        statement: '',
        why: 'There is no way back from this revision.',
        recipe: 'Write the way back into downgrade.sql.',
      },
    ];
  const { findings } = lintScript(script, { catalog, grammar, place });
  const errors = findings.filter(({ severity }) => severity === 'error');
  const lost = findings.filter(({ rule }) => LOSSES.has(rule));
  const [first] = lost;
  if (first === undefined) return errors;
  const tables = [...new Set(lost.map(({ table }) => table))];
  return [
    ...errors,
    {
      ...about,
      rule: 'lossy-downgrade',
      severity: 'notice',
      line: first.line,
      column: first.column,
      statement: excerpt(first.statement),
      why: `Going back loses what was written into ${tables.join(', ')} since.`,
      recipe: 'Keep a copy before a downgrade in production.',
    },
  ];
}
