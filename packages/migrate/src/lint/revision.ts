import { snapshotAt } from '../autogenerate/snapshots.ts';
import type { Graph } from '../script/graph.ts';
import { type Direction, type Revision, readScript } from '../script/revisions.ts';
import { type Grammar, loadGrammar } from '../sql/grammar.ts';
import { type Catalog, emptyCatalog, nextRevision, type SnapshotFacts } from './catalog.ts';
import type { Finding, LintedScript } from './finding.ts';
import { excerpt, lintScript } from './lint-script.ts';
import { type ReadScript, readStatements } from './script.ts';
import { snapshotFacts } from './snapshot-facts.ts';
import { straySuppressions } from './suppressions.ts';

/** Judges revisions of one graph, and texts that stand on it. */
export interface Linter {
  /** The dangers of a revision's upgrade, accepted ones included, what its downgrade lacks, and its locks. */
  revision: (revision: Revision) => LintedScript;
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
      const catalog = history.before(revision.down_revisions);
      const linted = lintScript(script, { catalog, grammar, place });
      history.remember(revision.id, catalog);
      const own = [...linted.findings, ...straySuppressions(script, place, linted.findings)];
      const back = lintDowngrade(revision, {
        grammar,
        catalog: nextRevision(catalog, { schema, snapshot: undefined }),
        isEmpty: isEmpty(script),
      });
      return { findings: [...own, ...back], locks: linted.locks };
    },
    text: (file, text) => {
      const script = readStatements(grammar, text);
      const place = { revision: '', file };
      const linted = lintScript(script, { catalog: history.before(graph.heads), grammar, place });
      return { ...linted, findings: [...linted.findings, ...straySuppressions(script, place, linted.findings)] };
    },
  };
}

interface History {
  /** A catalog that knows what the revisions and all that they build on did. */
  before: (ids: readonly string[]) => Catalog;
  /** The catalog after a revision that was applied to what `before` gave. */
  remember: (id: string, catalog: Catalog) => void;
}

/** Each revision is applied once if they are asked for oldest first; where branches meet, all that they build on is. */
function historyOf(graph: Graph, { grammar, schema }: { grammar: Grammar; schema: string }): History {
  let latest: { id: string; catalog: Catalog } | undefined;
  const snapshot = (ids: readonly string[]): SnapshotFacts => snapshotFacts(grammar, () => snapshotAt(graph, ids));
  const added = (catalog: Catalog, revision: Revision): Catalog => {
    const next = nextRevision(catalog, { schema, snapshot: snapshot(revision.down_revisions) });
    const place = { revision: revision.id, file: '' };
    lintScript(readStatements(grammar, readScript(revision, 'upgrade').text), { catalog: next, grammar, place });
    return next;
  };
  const after = (ids: readonly string[]): Catalog => {
    const [id] = ids;
    if (ids.length === 1 && id !== undefined && latest?.id === id) return latest.catalog;
    const wanted = graph.ancestors(ids);
    const known = latest !== undefined && wanted.has(latest.id) ? latest : undefined;
    const done = known === undefined ? new Set<string>() : graph.ancestors([known.id]);
    const missing = graph.ordered.filter((revision) => wanted.has(revision.id) && !done.has(revision.id));
    const catalog = missing.reduce(added, known?.catalog ?? emptyCatalog(schema));
    if (ids.length === 1 && id !== undefined) latest = { id, catalog };
    return catalog;
  };
  return {
    before: (ids) => nextRevision(after(ids), { schema, snapshot: snapshot(ids) }),
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
        why: 'Nobody can go back from this revision.',
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
