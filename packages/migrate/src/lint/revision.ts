import { snapshotAt } from '../autogenerate/snapshots.ts';
import type { Graph } from '../script/graph.ts';
import { type Direction, type Revision, readScript } from '../script/revisions.ts';
import type { Finding } from './finding.ts';
import { BLOCKS, type LockLevel, lockOf } from './locks.ts';
import { type Operation, operationsOf } from './operations.ts';
import type { Rule, RuleContext } from './rule.ts';
import { RULES } from './rules.ts';
import { straySuppressions } from './suppressions.ts';

/** The locks that a revision's statements take, dangerous or not. */
export interface LockedStatement {
  line: number;
  table: string;
  lock: LockLevel;
  blocks: string;
  statement: string;
}

const LONGEST_EXCERPT = 100;
/** By the revision as it was read: with many of them each one's ancestors are asked for again and again. */
const OPERATIONS = { upgrade: new WeakMap<Revision, Operation[]>(), downgrade: new WeakMap<Revision, Operation[]>() };

/** The dangers of a revision's upgrade, accepted ones included, and what its downgrade lacks. */
export function lintRevision(graph: Graph, revision: Revision): Finding[] {
  const operations = operationsIn(revision, 'upgrade');
  const context = contextOf(graph, revision);
  const findings = operations.flatMap((operation, index) => {
    const around = { earlier: operations.slice(0, index), later: operations.slice(index + 1), ...context };
    const isNew = isOnNewTable(operation, around.earlier);
    return RULES.filter((rule) => rule.on_new_tables || !isNew).flatMap(
      (rule) => findingOf(rule, operation, { revision, context: around }) ?? [],
    );
  });
  return [
    ...findings,
    ...straySuppressions(revision, operations, findings),
    ...downgradeFindings(revision, operations),
  ];
}

/** What each statement of a revision locks, and what has to wait for it. */
export function locksOf(revision: Revision, direction: Direction): LockedStatement[] {
  const operations = operationsIn(revision, direction);
  return operations.flatMap((operation) => {
    const lock = isOnNewTable(operation, operations) ? undefined : lockOf(operation);
    if (lock === undefined) return [];
    const { table, statement } = operation;
    return [{ line: statement.line, table, lock, blocks: BLOCKS[lock], statement: excerpt(statement.sql) }];
  });
}

function operationsIn(revision: Revision, direction: Direction): Operation[] {
  const known = OPERATIONS[direction].get(revision);
  if (known !== undefined) return known;
  const operations = readScript(revision, direction).statements.flatMap((statement) => operationsOf(statement));
  OPERATIONS[direction].set(revision, operations);
  return operations;
}

function contextOf(graph: Graph, revision: Revision): Pick<RuleContext, 'applied' | 'typeBefore'> {
  let applied: Operation[] | undefined;
  let types: Map<string, string> | undefined;
  return {
    applied: () => {
      const ids = graph.ancestors(revision.down_revisions);
      applied ??= graph.ordered.filter(({ id }) => ids.has(id)).flatMap((earlier) => operationsIn(earlier, 'upgrade'));
      return applied;
    },
    typeBefore: (table, column) => {
      types ??= columnTypes(graph, revision);
      return types.get(`${table}.${column}`);
    },
  };
}

function columnTypes(graph: Graph, { down_revisions }: Revision): Map<string, string> {
  const columns = (snapshotAt(graph, down_revisions)?.ddl ?? []).filter(({ entityType }) => entityType === 'columns');
  return new Map(
    columns.map(({ schema = 'public', table, name, type }) => [
      `${schema === 'public' ? table : `${schema}.${table}`}.${name}`,
      String(type),
    ]),
  );
}

function findingOf(
  rule: Rule,
  operation: Operation,
  { revision, context }: { revision: Revision; context: RuleContext },
): Finding | undefined {
  const found = rule.find(operation, context);
  if (found === undefined) return undefined;
  const { statement, table } = operation;
  const lock = lockOf(operation);
  const filled = { table: table || '…', column: asWritten(found.column), name: asWritten(found.name) };
  return {
    rule: rule.name,
    severity: rule.severity,
    revision: revision.id,
    file: `${revision.path}/upgrade.sql`,
    line: statement.line,
    statement: excerpt(statement.sql),
    table,
    lock,
    blocks: lock && BLOCKS[lock],
    why: rule.why,
    recipe: rule.recipe.replaceAll(/\{(table|column|name)\}/g, (_, key: keyof typeof filled) => filled[key]),
    accepted: statement.comments.map((comment) => reasonFor(comment, rule.name)).find((reason) => reason !== undefined),
  };
}

/** A pattern's capitals are PostgreSQL's small letters, unless they are quoted. */
function asWritten(name = '…'): string {
  return name.startsWith('"') ? name : name.toLowerCase();
}

/** `-- lint: allow <rule> because <reason>`; the reason, where the comment is about this rule. */
function reasonFor(comment: string, rule: string): string | undefined {
  const { name, reason } =
    /^--\s*lint:\s*allow\s+(?<name>[\w-]+)\s+because\s+(?<reason>\S.*)$/.exec(comment)?.groups ?? {};
  return name === rule ? reason?.trim() : undefined;
}

function isOnNewTable({ table }: Operation, earlier: readonly Operation[]): boolean {
  return earlier.some(
    (other) => other.table === table && /^CREATE (?!.*\b(?:INDEX|TRIGGER|POLICY)\b)/.test(other.words),
  );
}

function downgradeFindings(revision: Revision, upgrade: readonly Operation[]): Finding[] {
  const downgrade = operationsIn(revision, 'downgrade');
  const base = { revision: revision.id, file: `${revision.path}/downgrade.sql`, line: 1, accepted: undefined };
  const about = { table: '', lock: undefined, blocks: undefined, statement: '' };
  if (upgrade.length > 0 && downgrade.length === 0 && !readScript(revision, 'downgrade').allows_empty)
    return [
      {
        ...base,
        ...about,
        rule: 'missing-downgrade',
        severity: 'danger',
        why: 'Nobody can go back from this revision.',
        recipe: 'Write the way back into downgrade.sql.',
      },
    ];
  const lost = downgrade.filter(({ words }) =>
    /^DROP TABLE\b|^ALTER TABLE DROP (?:COLUMN )?(?!CONSTRAINT)/.test(words),
  );
  const [first] = lost;
  if (first === undefined) return [];
  return [
    {
      ...base,
      ...about,
      rule: 'lossy-downgrade',
      severity: 'notice',
      line: first.statement.line,
      statement: excerpt(first.statement.sql),
      why: `Going back loses what was written into ${[...new Set(lost.map(({ table }) => table))].join(', ')} since.`,
      recipe: 'Keep a copy before a downgrade in production.',
    },
  ];
}

function excerpt(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST_EXCERPT ? `${line.slice(0, LONGEST_EXCERPT)}…` : line;
}
