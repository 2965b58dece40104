import type { Node, PartitionBoundSpec } from '@libpg-query/parser';
import { as, texts } from '../ast.ts';
import { constantOf, type Value } from './constant.ts';

/** True if rows that pass the check cannot have NULL in the column. A check passes NULL too, so `a > 0` proves nothing. */
export function provesNotNull(check: Node, column: string): boolean {
  const logic = as(check, 'BoolExpr');
  if (logic?.boolop === 'AND_EXPR') return (logic.args ?? []).some((arg) => provesNotNull(arg, column));
  if (logic?.boolop === 'OR_EXPR') return (logic.args ?? []).every((arg) => provesNotNull(arg, column));
  if (logic?.boolop === 'NOT_EXPR') return isNullTest(logic.args?.[0], 'IS_NULL', column);
  return isNullTest(check, 'IS_NOT_NULL', column);
}

/** True if rows that pass the checks belong into a partition with the bounds. */
export function provesBounds(
  checks: readonly Node[],
  bound: PartitionBoundSpec,
  { column, is_not_null }: { column: string; is_not_null: boolean },
): boolean {
  const conditions = checks.flatMap((check) => conjuncts(check));
  if (!is_not_null && !conditions.some((condition) => provesNotNull(condition, column))) return false;
  if (bound.strategy === 'l') {
    const allowed = (bound.listdatums ?? []).map((datum) => constantOf(datum));
    return conditions.some((condition) => isWithin(valuesIn(condition, column), allowed));
  }
  if (bound.strategy !== 'r') return false;
  const [lower, upper] = [bound.lowerdatums, bound.upperdatums];
  return lower?.length === 1 && upper?.length === 1
    ? provesSide(conditions, column, { datum: lower[0], side: 'lower' }) &&
        provesSide(conditions, column, { datum: upper[0], side: 'upper' })
    : false;
}

/** The columns that the checks speak of: what the partition key may be if nothing is known of it. */
export function columnsIn(checks: readonly Node[]): string[] {
  const found = checks
    .flatMap((check) => conjuncts(check))
    .flatMap((condition) => {
      const comparison = as(condition, 'A_Expr');
      return [columnOf(comparison?.lexpr), columnOf(comparison?.rexpr)].filter((name) => name !== undefined);
    });
  return [...new Set(found)];
}

function conjuncts(check: Node): Node[] {
  const logic = as(check, 'BoolExpr');
  return logic?.boolop === 'AND_EXPR' ? (logic.args ?? []).flatMap((arg) => conjuncts(arg)) : [check];
}

function isNullTest(node: Node | undefined, type: 'IS_NULL' | 'IS_NOT_NULL', column: string): boolean {
  const test = as(node, 'NullTest');
  if (test !== undefined) return test.nulltesttype === type && columnOf(test.arg) === column;
  const comparison = as(node, 'A_Expr');
  if (comparison === undefined) return false;
  const kind = type === 'IS_NULL' ? 'AEXPR_NOT_DISTINCT' : 'AEXPR_DISTINCT';
  return comparison.kind === kind && columnOf(comparison.lexpr) === column && constantOf(comparison.rexpr) === null;
}

/** The values that a condition leaves to the column. */
function valuesIn(condition: Node, column: string): (Value | undefined)[] | undefined {
  const comparison = as(condition, 'A_Expr');
  if (comparison === undefined || texts(comparison.name).at(-1) !== '=') return undefined;
  const { kind, lexpr, rexpr } = comparison;
  if (kind === 'AEXPR_IN' && columnOf(lexpr) === column)
    return as(rexpr, 'List')?.items?.map((item) => constantOf(item));
  if (kind === 'AEXPR_OP_ANY' && columnOf(lexpr) === column)
    return as(rexpr, 'A_ArrayExpr')?.elements?.map((item) => constantOf(item));
  if (kind !== 'AEXPR_OP') return undefined;
  if (columnOf(lexpr) === column) return [constantOf(rexpr)];
  return columnOf(rexpr) === column ? [constantOf(lexpr)] : undefined;
}

function isWithin(
  values: readonly (Value | undefined)[] | undefined,
  allowed: readonly (Value | undefined)[],
): boolean {
  return values?.every((value) => value !== undefined && value !== null && allowed.includes(value)) ?? false;
}

interface Side {
  datum: Node | undefined;
  side: 'lower' | 'upper';
}

function provesSide(conditions: readonly Node[], column: string, { datum, side }: Side): boolean {
  if (columnOf(datum)?.toLowerCase() === (side === 'lower' ? 'minvalue' : 'maxvalue')) return true;
  const bound = constantOf(datum);
  if (bound === undefined || bound === null) return false;
  return conditions.some((condition) =>
    limitsOf(condition, column).some((limit) =>
      side === 'lower'
        ? limit.side === 'lower' && isAtLeast(limit.value, bound)
        : limit.side === 'upper' && isAtLeast(bound, limit.value) && (limit.is_strict || limit.value !== bound),
    ),
  );
}

interface Limit {
  side: 'lower' | 'upper';
  value: Value;
  is_strict: boolean;
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' };

function limitsOf(condition: Node, column: string): Limit[] {
  const comparison = as(condition, 'A_Expr');
  if (comparison === undefined) return [];
  const { kind, lexpr, rexpr, name } = comparison;
  if (kind === 'AEXPR_BETWEEN' && columnOf(lexpr) === column) {
    const [from, to] = (as(rexpr, 'List')?.items ?? []).map((item) => constantOf(item) ?? undefined);
    return from === undefined || to === undefined ? [] : [lower(from), { side: 'upper', value: to, is_strict: false }];
  }
  if (kind !== 'AEXPR_OP') return [];
  const written = texts(name).at(-1) ?? '';
  const isLeft = columnOf(lexpr) === column;
  if (!isLeft && columnOf(rexpr) !== column) return [];
  const value = constantOf(isLeft ? rexpr : lexpr);
  const operator = isLeft ? written : MIRRORED[written];
  if (value === undefined || value === null) return [];
  if (operator === '=') return [lower(value), { side: 'upper', value, is_strict: false }];
  if (operator === '>' || operator === '>=') return [lower(value)];
  return operator === '<' || operator === '<=' ? [{ side: 'upper', value, is_strict: operator === '<' }] : [];
}

function lower(value: Value): Limit {
  return { side: 'lower', value, is_strict: false };
}

const DATE = /^\d{4}-\d\d-\d\d$/;

/** Numbers and dates have an order that is known here; of other texts only the same one counts. */
function isAtLeast(one: Value, other: Value): boolean {
  if (one === other) return true;
  if (typeof one === 'number' && typeof other === 'number') return one >= other;
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  return DATE.test(one) && DATE.test(other) && one >= other;
}

function columnOf(node: Node | undefined): string | undefined {
  const fields = as(node, 'ColumnRef')?.fields;
  return fields === undefined ? undefined : texts(fields).at(-1);
}
