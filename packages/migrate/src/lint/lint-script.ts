import type { Grammar } from '../sql/grammar.ts';
import type { Statement } from '../sql/statements.ts';
import { isMarkedOutside, refusesTransaction } from '../sql/transactions.ts';
import type { Catalog } from './catalog.ts';
import { type Examined, examine } from './examine.ts';
import type { Finding, LintedScript, LockedStatement } from './finding.ts';
import type { Judgement } from './judge/scene.ts';
import { BLOCKS, strengthOf, type TakenLock } from './locks.ts';
import { displayOf, keyOf, sqlOf, UNKNOWN_NAME } from './relation.ts';
import type { Rule } from './rule.ts';
import { RULES, type RuleName } from './rules.ts';
import type { Problem, ReadScript, ReadStatement } from './script.ts';
import { reasonFor } from './suppressions.ts';

/** Where a script stands. */
export interface Place {
  revision: string;
  file: string;
}

const LONGEST_EXCERPT = 100;

/** The dangers and the locks of a script; the catalog knows afterwards what the script changed. */
export function lintScript(
  script: ReadScript,
  { catalog, grammar, place }: { catalog: Catalog; grammar: Grammar; place: Place },
): LintedScript {
  const errors = script.problems.map((problem) => ofProblem(problem, place));
  const linted = script.statements.map((read, index) => {
    enter(catalog, read, script.statements[index - 1]);
    const behind = script.statements.slice(index + 1);
    const laterInTransaction = behind
      .filter(({ transaction }) => transaction === read.transaction)
      .flatMap(({ nodes }) => nodes);
    const scene = { catalog, laterInTransaction };
    const each = read.nodes.map((node) => examine({ node, source: read.statement.sql }, { scene, grammar }));
    return {
      read,
      examined: { judgements: each.flatMap(({ judgements }) => judgements), locks: each.flatMap(({ locks }) => locks) },
    };
  });
  return {
    findings: [...errors, ...linted.flatMap(({ read, examined }) => findingsOf(read.statement, examined, place))],
    locks: linted.flatMap(({ read: { statement }, examined }) =>
      strongest(examined.locks).map((lock) => lockedBy(statement, lock, place)),
    ),
  };
}

/** A statement's beginning in one line. */
export function excerpt(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST_EXCERPT ? `${line.slice(0, LONGEST_EXCERPT)}…` : line;
}

/** Locks last until the end of their transaction. */
function enter(catalog: Catalog, { transaction }: ReadStatement, before: ReadStatement | undefined): void {
  if (before === undefined || before.transaction === transaction) return;
  catalog.transaction += 1;
  catalog.held = new Map();
}

function findingsOf(statement: Statement, { judgements, locks }: Examined, place: Place): Finding[] {
  const isUnmarked = refusesTransaction(statement) && !isMarkedOutside(statement);
  const own: Judgement[] = isUnmarked ? [...judgements, { rule: 'refuses-transaction' }] : judgements;
  const once = own.filter(
    (one, index) => own.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === index,
  );
  return once.map((judgement) => ofJudgement(judgement, statement, { locks, place }));
}

function ofJudgement(
  judgement: Judgement,
  { sql, line, column, comments }: Statement,
  { locks, place }: { locks: readonly TakenLock[]; place: Place },
): Finding {
  const { rule, relation } = judgement;
  const { severity, why, recipe }: Rule = RULES[rule];
  const key = relation && keyOf(relation);
  const lock = strongest(locks).find((taken) => keyOf(taken.relation) === key)?.level;
  const filled: Readonly<Record<string, string>> = {
    table: relation === undefined ? (judgement.table ?? UNKNOWN_NAME) : sqlOf(relation),
    column: judgement.column ?? UNKNOWN_NAME,
    name: judgement.name ?? UNKNOWN_NAME,
  };
  return {
    ...place,
    rule,
    severity,
    line,
    column,
    statement: excerpt(sql),
    table: relation === undefined ? (judgement.table ?? '') : displayOf(relation),
    lock,
    blocks: lock && BLOCKS[lock],
    why: judgement.why ?? why,
    recipe: recipe.replaceAll(/\{(table|column|name)\}/g, (_, part: string) => filled[part] ?? ''),
    accepted: comments.map((comment) => reasonFor(comment, rule)).find((reason) => reason !== undefined),
  };
}

function ofProblem({ message, line, column, statement }: Problem, place: Place): Finding {
  const rule: RuleName = 'syntax-error';
  const { severity, why, recipe } = RULES[rule];
  const text = statement === undefined ? '' : excerpt(statement.sql);
  const about = { table: '', lock: undefined, blocks: undefined, accepted: undefined };
  return {
    ...place,
    ...about,
    rule,
    severity,
    line,
    column,
    statement: text,
    why: `${why.slice(0, -1)}: ${message}.`,
    recipe,
  };
}

function strongest(locks: readonly TakenLock[]): TakenLock[] {
  const byRelation = new Map<string, TakenLock>();
  for (const lock of locks) {
    const other = byRelation.get(keyOf(lock.relation));
    if (other === undefined || strengthOf(lock.level) > strengthOf(other.level))
      byRelation.set(keyOf(lock.relation), lock);
  }
  return [...byRelation.values()];
}

function lockedBy({ line, sql }: Statement, { relation, level }: TakenLock, place: Place): LockedStatement {
  return { ...place, line, table: displayOf(relation), lock: level, blocks: BLOCKS[level], statement: excerpt(sql) };
}
