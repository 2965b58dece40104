import type { FuncCall, Node } from '@libpg-query/parser';
import { as, texts } from '../ast.ts';
import { literalOf } from '../expressions/constant.ts';
import { UNKNOWN_NAME } from '../relation.ts';

/** What stands for a name and for a value that only the run knows. */
const NAME = `"${UNKNOWN_NAME}"`;
const LITERAL = `'${UNKNOWN_NAME}'`;

/**
 * The text that an expression builds, if its form is certain: constants, and parts that `quote_ident()`, `quote_literal()` or
 * `format()` put in as one name or one value. `undefined` for a text that may say anything.
 */
export function builtText(expression: Node | undefined): string | undefined {
  const constant = as(expression, 'A_Const');
  if (constant !== undefined) {
    const value = literalOf(constant);
    return typeof value === 'string' ? value : undefined;
  }
  const cast = as(expression, 'TypeCast');
  if (cast !== undefined) return ofCast(cast.arg, texts(cast.typeName?.names).at(-1) ?? '');
  const operation = as(expression, 'A_Expr');
  if (operation !== undefined) {
    if (texts(operation.name).at(-1) !== '||') return undefined;
    return joined([builtText(operation.lexpr), builtText(operation.rexpr)]);
  }
  const call = as(expression, 'FuncCall');
  return call === undefined ? undefined : ofCall(call);
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join('');
}

/** A `regclass` is written with the quotes that it needs. */
function ofCast(inner: Node | undefined, type: string): string | undefined {
  if (type.startsWith('reg')) return NAME;
  const isNamed = texts(
    as(as(inner, 'TypeCast')?.typeName === undefined ? undefined : inner, 'TypeCast')?.typeName?.names,
  )
    .at(-1)
    ?.startsWith('reg');
  if (isNamed === true) return NAME;
  return type === 'text' || type === 'varchar' ? builtText(inner) : undefined;
}

function ofCall({ funcname, args = [] }: FuncCall): string | undefined {
  switch (texts(funcname).at(-1)) {
    case 'quote_ident':
      return NAME;
    case 'quote_literal':
    case 'quote_nullable':
      return LITERAL;
    case 'format':
      return ofFormat(args);
    case 'concat':
      return joined(args.map((arg) => builtText(arg)));
    default:
      return undefined;
  }
}

function ofFormat([pattern, ...args]: readonly Node[]): string | undefined {
  const text = builtText(pattern);
  if (text === undefined) return undefined;
  let next = 0;
  let isCertain = true;
  const built = text.replaceAll(/%(?:(\d+)\$)?(?:-?\d+)?([sIL%])/g, (_, position: string | undefined, kind: string) => {
    if (kind === '%') return '%';
    const index = position === undefined ? next : Number(position) - 1;
    next = index + 1;
    if (kind === 'L') return LITERAL;
    const given = builtText(args[index]);
    if (kind === 'I') return given === undefined ? NAME : `"${given.replaceAll('"', '""')}"`;
    if (given === undefined) isCertain = false;
    return given ?? '';
  });
  return isCertain ? built : undefined;
}
