import type { A_Expr, BoolExpr, Node, SelectStmt, SubLink } from '@libpg-query/parser';
import { as, texts } from '../ast.ts';
import { constantOf, type Value } from './constant.ts';

/** What a condition is asked about: the table whose rows it picks. */
export interface Picked {
  table: string;
  /** Its name in the statement. */
  alias: string;
  isNotNull: (column: string) => boolean;
}

type Truth = boolean | null | undefined;

/** True if a condition holds for every row, or if there is none. */
export function isAlwaysTrue(condition: Node | undefined, picked: Picked): boolean {
  return condition === undefined || truthOf(condition, picked) === true;
}

/** True if a condition holds for no row. */
export function isNeverTrue(condition: Node | undefined, picked: Picked): boolean {
  const truth = condition === undefined ? true : truthOf(condition, picked);
  return truth === false || truth === null;
}

/** The same truth for every row; `undefined` if it depends on the row or is not known. */
function truthOf(node: Node | undefined, picked: Picked): Truth {
  const constant = constantOf(node);
  if (constant !== undefined) return asTruth(constant);
  const logic = as(node, 'BoolExpr');
  if (logic !== undefined) return truthOfLogic(logic, picked);
  const comparison = as(node, 'A_Expr');
  if (comparison !== undefined) return truthOfComparison(comparison);
  const link = as(node, 'SubLink');
  if (link !== undefined) return truthOfSubquery(link, picked);
  return truthOfTest(node, picked);
}

function asTruth(value: Value): Truth {
  if (typeof value === 'boolean' || value === null) return value;
  // An untyped text in the place of a condition is a boolean.
  return typeof value === 'string' ? /^(?:t|true|y|yes|on|1)$/i.test(value) : undefined;
}

function truthOfLogic({ boolop, args = [] }: BoolExpr, picked: Picked): Truth {
  const truths = args.map((arg) => truthOf(arg, picked));
  if (boolop === 'NOT_EXPR') return typeof truths[0] === 'boolean' ? !truths[0] : truths[0];
  const decisive = boolop === 'OR_EXPR';
  if (truths.includes(decisive)) return decisive;
  if (decisive && isEveryCase(args)) return true;
  return truths.every((truth) => truth === !decisive) ? !decisive : undefined;
}

/** `a IS NULL OR a IS NOT NULL`. */
function isEveryCase(args: readonly Node[]): boolean {
  const tests = args.flatMap((arg) => as(arg, 'NullTest') ?? []);
  const columns = (type: string): string[] =>
    tests.filter(({ nulltesttype }) => nulltesttype === type).map(({ arg }) => writtenColumn(arg) ?? '');
  const known = new Set(columns('IS_NULL'));
  return columns('IS_NOT_NULL').some((column) => column !== '' && known.has(column));
}

function truthOfTest(node: Node | undefined, picked: Picked): Truth {
  const nulls = as(node, 'NullTest');
  if (nulls !== undefined) {
    const isNull = isNullOf(nulls.arg, picked);
    if (isNull === undefined) return undefined;
    return nulls.nulltesttype === 'IS_NULL' ? isNull : !isNull;
  }
  const booleans = as(node, 'BooleanTest');
  const truth = booleans === undefined ? undefined : truthOf(booleans.arg, picked);
  if (truth === undefined) return undefined;
  const answers: Readonly<Record<string, boolean>> = {
    IS_TRUE: truth === true,
    IS_NOT_TRUE: truth !== true,
    IS_FALSE: truth === false,
    IS_NOT_FALSE: truth !== false,
    IS_UNKNOWN: truth === null,
    IS_NOT_UNKNOWN: truth !== null,
  };
  return answers[booleans?.booltesttype ?? ''];
}

function isNullOf(node: Node | undefined, { isNotNull, alias }: Picked): boolean | undefined {
  const constant = constantOf(node);
  if (constant !== undefined) return constant === null;
  const column = ownColumn(node, alias);
  return column !== undefined && isNotNull(column) ? false : undefined;
}

function truthOfComparison(comparison: A_Expr): Truth {
  const { kind, lexpr, rexpr } = comparison;
  const operator = texts(comparison.name).at(-1) ?? '';
  const left = constantOf(lexpr);
  if (kind === 'AEXPR_IN') return left === undefined ? undefined : inList(left, as(rexpr, 'List')?.items, operator);
  const right = constantOf(rexpr);
  if (kind === 'AEXPR_OP' && left !== undefined && right !== undefined) return compared(left, right, operator);
  const column = writtenColumn(lexpr);
  if (column === undefined || column !== writtenColumn(rexpr)) return undefined;
  if (kind === 'AEXPR_NOT_DISTINCT') return true;
  return kind === 'AEXPR_OP' && ['=', '<=', '>='].includes(operator) ? true : undefined;
}

function inList(left: Value, items: readonly Node[] = [], operator: string): Truth {
  const values = items.map((item) => constantOf(item));
  if (left === null || values.includes(undefined)) return undefined;
  const isIn = values.includes(left);
  return operator === '<>' ? !isIn : isIn;
}

function compared(left: Value, right: Value, operator: string): Truth {
  if (left === null || right === null) return null;
  if (typeof left !== typeof right) return undefined;
  const answers: Readonly<Record<string, boolean>> = {
    '=': left === right,
    '<>': left !== right,
    '<': left < right,
    '>': left > right,
    '<=': left <= right,
    '>=': left >= right,
  };
  return answers[operator];
}

/** A subquery that gives every row, or a row in any case. */
function truthOfSubquery({ subLinkType, testexpr, subselect }: SubLink, picked: Picked): Truth {
  const select = as(subselect, 'SelectStmt');
  if (select === undefined || isNarrowed(select, picked)) return undefined;
  const [from, ...others] = select.fromClause ?? [];
  const isOwn = others.length === 0 && as(from, 'RangeVar')?.relname === picked.table;
  if (subLinkType === 'EXISTS_SUBLINK') return from === undefined || isOwn ? true : undefined;
  const target = ownColumn(
    as(select.targetList?.[0], 'ResTarget')?.val,
    as(from, 'RangeVar')?.alias?.aliasname ?? picked.table,
  );
  return subLinkType === 'ANY_SUBLINK' && isOwn && target !== undefined && target === ownColumn(testexpr, picked.alias)
    ? true
    : undefined;
}

function isNarrowed(select: SelectStmt, picked: Picked): boolean {
  const { whereClause, havingClause, limitCount, limitOffset, groupClause, op, valuesLists } = select;
  const isPlain = [havingClause, limitCount, limitOffset, groupClause, valuesLists].every((part) => part === undefined);
  return !isPlain || op !== 'SETOP_NONE' || !isAlwaysTrue(whereClause, picked);
}

/** A column with the name of its table, as it is written. */
function writtenColumn(node: Node | undefined): string | undefined {
  const fields = as(node, 'ColumnRef')?.fields;
  return fields === undefined ? undefined : texts(fields).join('.');
}

/** A column of the table with the alias, or one without a table. */
function ownColumn(node: Node | undefined, alias: string): string | undefined {
  const [name, table = alias] = texts(as(node, 'ColumnRef')?.fields).reverse();
  return table === alias ? name || undefined : undefined;
}
