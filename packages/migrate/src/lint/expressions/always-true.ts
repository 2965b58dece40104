import type { A_Expr, BoolExpr, CaseExpr, Node, SelectStmt, SubLink } from '@libpg-query/parser';
import { all, as, findAll, texts } from '../ast.ts';
import { constantOf, type Value } from './constant.ts';

/** What a condition is asked about: the table whose rows it picks. */
export interface Picked {
  table: string;
  /** Its name in the statement. */
  alias: string;
  /** The names under which the statement reads the same table once more. */
  twins: readonly string[];
  isNotNull: (column: string) => boolean;
  /** True for an expression that may have another value for each row. */
  isVolatile: (expression: Node) => boolean;
}

type Truth = boolean | null | undefined;

/** What every row has. */
const SYSTEM_COLUMNS = new Set(['ctid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax']);
/** Of two comparisons of the same values one holds, unless a value is NULL. */
const OPPOSITES: Readonly<Record<string, string>> = { '=': '<>', '<': '>=', '>': '<=' };

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
  if (comparison !== undefined) return truthOfComparison(comparison, picked);
  const choice = as(node, 'CaseExpr');
  if (choice !== undefined) return truthOfCase(choice, picked);
  const first = as(node, 'CoalesceExpr');
  if (first !== undefined) return first.args?.map((arg) => truthOf(arg, picked)).find((truth) => truth !== null);
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
  if (decisive && (isEveryCase(args) || hasOpposites(args))) return true;
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

/** `a = 1 OR a <> 1`; that a row without a value is spared is no safety. */
function hasOpposites(args: readonly Node[]): boolean {
  const written = args.flatMap((arg) => {
    const { kind, name, lexpr, rexpr } = as(arg, 'A_Expr') ?? {};
    return kind === 'AEXPR_OP' ? [{ operator: texts(name).at(-1) ?? '', sides: textOf([lexpr, rexpr]) }] : [];
  });
  return written.some(({ operator, sides }) =>
    written.some((other) => other.sides === sides && other.operator === OPPOSITES[operator]),
  );
}

/** The same for the same expression, wherever it stands. */
function textOf(nodes: readonly (Node | undefined)[]): string {
  return JSON.stringify(nodes, (key, value) => (key === 'location' ? undefined : value));
}

/** The answer of the branch that is taken for certain, or that of all branches that may be. */
function truthOfCase({ arg, args, defresult }: CaseExpr, picked: Picked): Truth {
  const possible: Truth[] = [];
  for (const { expr, result } of all(args, 'CaseWhen')) {
    const truth = arg === undefined ? truthOf(expr, picked) : undefined;
    if (truth === false || truth === null) continue;
    possible.push(truthOf(result, picked));
    if (truth === true) return same(possible);
  }
  return same([...possible, defresult === undefined ? null : truthOf(defresult, picked)]);
}

function same(truths: readonly Truth[]): Truth {
  return truths.every((truth) => truth === truths[0]) ? truths[0] : undefined;
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
  return column !== undefined && (SYSTEM_COLUMNS.has(column) || isNotNull(column)) ? false : undefined;
}

function truthOfComparison(comparison: A_Expr, picked: Picked): Truth {
  const { kind, lexpr, rexpr } = comparison;
  const operator = texts(comparison.name).at(-1) ?? '';
  const [rows, others] = [as(lexpr, 'RowExpr')?.args, as(rexpr, 'RowExpr')?.args];
  if (rows !== undefined && others !== undefined) return operator === '=' ? ofRows(comparison, picked) : undefined;
  const left = constantOf(lexpr);
  if (kind === 'AEXPR_IN') return left === undefined ? undefined : inList(left, as(rexpr, 'List')?.items, operator);
  const link = as(rexpr, 'SubLink');
  // `id = ANY (ARRAY (SELECT id …))` is `id IN (SELECT id …)`.
  if (kind === 'AEXPR_OP_ANY' && operator === '=' && lexpr !== undefined && link?.subLinkType === 'ARRAY_SUBLINK')
    return truthOfSubquery({ ...link, subLinkType: 'ANY_SUBLINK', testexpr: lexpr }, picked);
  const right = constantOf(rexpr);
  if (kind === 'AEXPR_OP' && left !== undefined && right !== undefined) return compared(left, right, operator);
  if (kind === 'AEXPR_OP' && operator === '=' && isTwin(comparison, picked)) return true;
  // One answer for all rows, which is not worked out here: the statement takes all of them, or is of no use.
  if ([lexpr, rexpr].every((side) => side !== undefined && readsNoRow(side, picked))) return true;
  const column = writtenColumn(lexpr);
  if (column === undefined || column !== writtenColumn(rexpr)) return undefined;
  if (kind === 'AEXPR_NOT_DISTINCT') return true;
  if (kind !== 'AEXPR_OP') return undefined;
  if (['<>', '<', '>'].includes(operator)) return false;
  return ['=', '<=', '>='].includes(operator) ? true : undefined;
}

/** `length('abc')`. */
function readsNoRow(expression: Node, { isVolatile }: Picked): boolean {
  const isRead = ['ColumnRef', 'SubLink', 'ParamRef'] as const;
  return isRead.every((kind) => findAll(expression, kind).length === 0) && !isVolatile(expression);
}

/** `(a, b) = (c, d)`. */
function ofRows(comparison: A_Expr, picked: Picked): Truth {
  const left = as(comparison.lexpr, 'RowExpr')?.args ?? [];
  const right = as(comparison.rexpr, 'RowExpr')?.args ?? [];
  const truths = left.map((lexpr, index): Truth => {
    const rexpr = right[index];
    return rexpr === undefined ? undefined : truthOfComparison({ ...comparison, lexpr, rexpr }, picked);
  });
  return truths.every((truth) => truth === true) ? true : undefined;
}

/** A column beside itself in a second reading of the table: each row finds at least itself. */
function isTwin({ lexpr, rexpr }: A_Expr, { alias, twins }: Picked): boolean {
  const [name, table] = texts(as(lexpr, 'ColumnRef')?.fields).reverse();
  const [otherName, otherTable] = texts(as(rexpr, 'ColumnRef')?.fields).reverse();
  if (name === undefined || name !== otherName || table === undefined || otherTable === undefined) return false;
  return (table === alias && twins.includes(otherTable)) || (otherTable === alias && twins.includes(table));
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

/** A subquery that gives every row, a row in any case, or none in any case. */
function truthOfSubquery({ subLinkType, testexpr, subselect }: SubLink, picked: Picked): Truth {
  const select = as(subselect, 'SelectStmt');
  if (select === undefined) return undefined;
  if (isEmpty(select, picked))
    return subLinkType === 'EXISTS_SUBLINK' || subLinkType === 'ANY_SUBLINK' ? false : undefined;
  if (isNarrowed(select, picked)) return undefined;
  const [from, ...others] = select.fromClause ?? [];
  if (subLinkType === 'EXPR_SUBLINK' && from === undefined)
    return truthOf(as(select.targetList?.[0], 'ResTarget')?.val, picked);
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

/** A plain query on a condition that no row meets; one that calls functions may count, and gives a row all the same. */
function isEmpty({ whereClause, targetList, op, valuesLists }: SelectStmt, picked: Picked): boolean {
  const isPlain = op === 'SETOP_NONE' && valuesLists === undefined && findAll(targetList, 'FuncCall').length === 0;
  return isPlain && whereClause !== undefined && isNeverTrue(whereClause, picked);
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
