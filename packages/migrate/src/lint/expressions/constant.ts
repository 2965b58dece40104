import type { A_Const, Node } from '@libpg-query/parser';
import { as, texts } from '../ast.ts';

/** A value as SQL has it; `null` for NULL. */
export type Value = string | number | boolean | null;

/** A constant's value. */
export function literalOf({ ival, fval, boolval, sval, isnull }: A_Const): Value | undefined {
  if (isnull === true) return null;
  if (sval !== undefined) return sval.sval ?? '';
  if (boolval !== undefined) return boolval.boolval ?? false;
  if (fval !== undefined) return Number(fval.fval);
  return ival === undefined ? undefined : (ival.ival ?? 0);
}

/** The value of an expression of constants, with casts; `undefined` for any other expression. */
export function constantOf(node: Node | undefined): Value | undefined {
  const constant = as(node, 'A_Const');
  if (constant !== undefined) return literalOf(constant);
  const cast = as(node, 'TypeCast');
  if (cast !== undefined) return castValue(constantOf(cast.arg), texts(cast.typeName?.names).at(-1));
  const operation = as(node, 'A_Expr');
  if (operation?.kind !== 'AEXPR_OP' || operation.lexpr !== undefined) return undefined;
  const operand = constantOf(operation.rexpr);
  return texts(operation.name)[0] === '-' && typeof operand === 'number' ? -operand : undefined;
}

/** `'t'::bool` is how the grammar writes `true` before PostgreSQL 15. */
function castValue(value: Value | undefined, type: string | undefined): Value | undefined {
  if (type !== 'bool' || typeof value !== 'string') return value;
  if (/^(?:t|true|y|yes|on|1)$/i.test(value)) return true;
  return /^(?:f|false|n|no|off|0)$/i.test(value) ? false : undefined;
}
