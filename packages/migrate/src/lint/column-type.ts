import type { Node, TypeName } from '@libpg-query/parser';
import { all, as, texts } from './ast.ts';

/** A column's type. */
export interface ColumnType {
  /** PostgreSQL's own name, such as `int4`; a type of the user's with its schema if that is written. */
  name: string;
  /** What stands in brackets. */
  mods: readonly number[];
  is_array: boolean;
  collation?: string | undefined;
}

const SERIAL = /^(?:(?:big|small)?serial|serial[248])$/;
const INTEGER_OF_SERIAL: Readonly<Record<string, string>> = {
  bigserial: 'int8',
  serial8: 'int8',
  smallserial: 'int2',
  serial2: 'int2',
};

export function typeOf(type: TypeName | undefined, collation?: string | undefined): ColumnType | undefined {
  if (type === undefined || type.pct_type === true || type.setof === true) return undefined;
  const parts = texts(type.names);
  const name = parts[0] === 'pg_catalog' ? (parts[1] ?? '') : parts.join('.');
  const mods = all(type.typmods, 'A_Const').map(({ ival }) => ival?.ival ?? 0);
  const known = SERIAL.test(name) ? (INTEGER_OF_SERIAL[name] ?? 'int4') : name;
  return { name: known, mods, is_array: (type.arrayBounds ?? []).length > 0, collation };
}

/** True for `serial` and its kin, which count. */
export function isSerial(type: TypeName | undefined): boolean {
  return SERIAL.test(texts(type?.names).at(-1) ?? '');
}

/** The types that an expression of nothing but casts goes through, the last one last; `undefined` for any other expression. */
export function castsOf(expression: Node | undefined, column: string): ColumnType[] | undefined {
  const cast = as(expression, 'TypeCast');
  if (cast !== undefined) {
    const inner = castsOf(cast.arg, column);
    const type = typeOf(cast.typeName);
    return inner === undefined || type === undefined ? undefined : [...inner, type];
  }
  const fields = texts(as(expression, 'ColumnRef')?.fields);
  return fields.at(-1) === column ? [] : undefined;
}
