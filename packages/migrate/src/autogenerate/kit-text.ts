import { getColumns, getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { literal } from '../runtime/versions.ts';
import type { Entity } from './snapshot.ts';

const TABLE_SCHEMA = Symbol.for('drizzle:Schema');
/** PostgreSQL cuts longer names off, and would find another one afterwards. */
export const LONGEST_NAME_BYTES = 63;
const LABELS: Readonly<Record<string, string>> = { pks: 'pkey', uniques: 'key' };
const NAMES = ['name', 'schema', 'table', 'schemaTo', 'tableTo', 'typeSchema'] as const;

/** drizzle-kit doubles the backslashes of a text default, which PostgreSQL keeps as two: here they are as the model says. */
export function withRightDefaults(ddl: readonly Entity[], models: Record<string, unknown>): Entity[] {
  const defaults = new Map(Object.values(models).flatMap((model) => textDefaults(model)));
  return ddl.map((item) => {
    const text = item.entityType === 'columns' ? defaults.get(`${item.schema}.${item.table}.${item.name}`) : undefined;
    return text === undefined || item.default !== doubled(text) ? item : { ...item, default: literal(text) };
  });
}

/** The default of a text column as the model says it; `undefined` if it is another one or has no backslash. */
export function rightDefault(
  models: Record<string, unknown>,
  { table, column, expression }: { table: string; column: string; expression: string },
): string | undefined {
  const [, schema = 'public', name = ''] = /^(?:"((?:[^"]|"")+)"\.)?"((?:[^"]|"")+)"$/.exec(table) ?? [];
  const key = `${unquoted(schema)}.${unquoted(name)}.${unquoted(column)}`;
  const text = new Map(Object.values(models).flatMap((model) => textDefaults(model))).get(key);
  return text !== undefined && expression === doubled(text) ? literal(text) : undefined;
}

/** Names that PostgreSQL gave itself and cut to their length, as it cuts them. */
export function withCutNames(ddl: readonly Entity[]): Entity[] {
  return ddl.map((item) => {
    const label = LABELS[item.entityType];
    if (item.nameExplicit !== false || Buffer.byteLength(item.name) <= LONGEST_NAME_BYTES) return item;
    const columns = label === 'key' && Array.isArray(item.columns) ? item.columns.join('_') : '';
    const name = label === undefined ? cut(item.name, LONGEST_NAME_BYTES) : madeName(item.table ?? '', columns, label);
    return { ...item, name, nameExplicit: true };
  });
}

/** `makeObjectName` of PostgreSQL: both parts are cut evenly, from the longer one first. */
function madeName(table: string, columns: string, label: string): string {
  let room = LONGEST_NAME_BYTES - label.length - 1;
  let [one, other] = [Buffer.byteLength(table), Buffer.byteLength(columns)];
  if (other > 0) room -= 1;
  while (one + other > room) {
    if (one > other) one -= 1;
    else other -= 1;
  }
  return [cut(table, one), ...(other > 0 ? [cut(columns, other)] : []), label].join('_');
}

function cut(text: string, bytes: number): string {
  let end = text;
  while (Buffer.byteLength(end) > bytes) end = [...end].slice(0, -1).join('');
  return end;
}

/** The same entity with its names as they stand between quotes: drizzle-kit writes them there as they are. */
export function withQuotedNames(item: Entity): Entity {
  const copy: Entity = { ...item };
  for (const key of NAMES) if (copy[key] !== undefined) Object.assign(copy, { [key]: quoted(copy[key]) });
  if (item.typeSchema != null) copy.type = quoted(item.type);
  for (const key of ['columns', 'columnsTo']) if (Array.isArray(copy[key])) copy[key] = copy[key].map(quotedColumn);
  return copy;
}

/** A name as it stands between quotes. */
export function quoted<T>(name: T): T {
  return (typeof name === 'string' ? name.replaceAll('"', '""') : name) as T;
}

/** The name that stands between quotes. */
export function unquoted(name: string): string {
  return name.replaceAll('""', '"');
}

function textDefaults(model: unknown): [string, string][] {
  if (!is(model, PgTable)) return [];
  // drizzle keeps the schema under a symbol that its type does not know.
  const schema = (model as unknown as Record<symbol, string | undefined>)[TABLE_SCHEMA] ?? 'public';
  return Object.values(getColumns(model)).flatMap(({ name, default: value }) =>
    typeof value === 'string' && value.includes('\\')
      ? [[`${schema}.${getTableName(model)}.${name}`, value] satisfies [string, string]]
      : [],
  );
}

function doubled(text: string): string {
  return literal(text.replaceAll('\\', '\\\\'));
}

function quotedColumn(column: unknown): unknown {
  if (typeof column !== 'object' || column === null) return quoted(column);
  return 'isExpression' in column && 'value' in column && column.isExpression === false
    ? { ...column, value: quoted(column.value) }
    : column;
}
