import type { FuncCall, Node } from '@libpg-query/parser';
import { as, texts, walk } from '../ast.ts';
import { type Catalog, resolve } from '../catalog.ts';
import { STEADY_FUNCTIONS } from '../postgres-facts.ts';
import { keyOf } from '../relation.ts';

const STEADY = new Set(STEADY_FUNCTIONS.trim().split(/\s+/));
/** Functions of Supabase that are declared stable. */
const STEADY_OF_SUPABASE = new Set(['auth.uid', 'auth.role', 'auth.email', 'auth.jwt']);

/** True if an expression may have another value for each row. A function that is not known counts as volatile. */
export function isVolatile(expression: Node | undefined, catalog: Catalog): boolean {
  let found = false;
  walk(expression, (node) => {
    const call = as(node, 'FuncCall');
    if (call !== undefined && !isSteady(call, catalog)) found = true;
    const operator = texts(as(node, 'A_Expr')?.name);
    if (operator.length > 1 && operator[0] !== 'pg_catalog') found = true;
    if (as(node, 'SubLink') !== undefined) found = true;
    return undefined;
  });
  return found;
}

function isSteady({ funcname }: FuncCall, catalog: Catalog): boolean {
  const name = texts(funcname);
  const own = catalog.functions.get(keyOf(resolve(catalog, name)));
  if (own !== undefined) return own.every(({ volatility }) => volatility !== 'volatile');
  if (name.length === 1) return STEADY.has(name[0] ?? '');
  return (name[0] === 'pg_catalog' && STEADY.has(name[1] ?? '')) || STEADY_OF_SUPABASE.has(name.join('.'));
}
