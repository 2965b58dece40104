import { literal } from '../runtime/versions.ts';
import { quoted } from './kit-text.ts';
import type { Snapshot } from './snapshot.ts';

const TABLE = String.raw`^ALTER TABLE ((?:"(?:[^"]|"")+"\.)?"(?:[^"]|"")+") ALTER COLUMN "((?:[^"]|"")+)"`;
const ADDS_IDENTITY = new RegExp(
  `${TABLE} ADD GENERATED .*sequence name ((?:"(?:[^"]|"")+"\\.)?"(?:[^"]|"")+")(.*)`,
  's',
);
const TAKES_NUMBERS = new RegExp(`${TABLE} SET DEFAULT nextval\\('([^']+)'`, 's');
const TO_BIGINT = new RegExp(`${TABLE} SET DATA TYPE bigint\\b`, 's');
const TO_INTEGER = new RegExp(`${TABLE} SET DATA TYPE (?:integer|int|smallint)\\b`, 's');
const DROPS_IDENTITY = new RegExp(`${TABLE} DROP IDENTITY;`, 's');
const SERIAL: Readonly<Record<string, string>> = { smallserial: 'smallint', serial: 'integer', bigserial: 'bigint' };
const BY_KIT = /^SELECT setval\(/;

/**
 * The statements with what drizzle-kit leaves out about numbers: a column that has rows and begins to number itself goes on
 * behind its greatest number, and the sequence of a serial column is as wide as the column.
 */
export function withNumbers(statements: readonly string[], states: States): string[] {
  const own = statements.filter((statement) => !BY_KIT.test(statement));
  return identitiesFirst(own).flatMap((statement, index, all) => {
    const before = all.slice(0, index);
    return [...(numbered(statement, before) ?? typed(statement, all[index + 1] ?? '', states))];
  });
}

interface States {
  from: Snapshot;
  to: Snapshot;
}

/** A column is an identity no more before it gets a default, and before a serial takes the name of its sequence. */
function identitiesFirst(statements: readonly string[]): string[] {
  const isDefaultOf = (statement: string, other: string): boolean =>
    other.startsWith(statement.replace(/ DROP IDENTITY;$/, ' SET DEFAULT '));
  const isEarly = (statement: string): boolean =>
    DROPS_IDENTITY.test(statement) && statements.some((other) => isDefaultOf(statement, other));
  const early = statements.filter(isEarly);
  const rest = statements.filter((statement) => !isEarly(statement));
  const first = rest.findIndex(
    (statement) => /^CREATE SEQUENCE/.test(statement) || early.some((each) => isDefaultOf(each, statement)),
  );
  return early.length === 0 ? rest : [...rest.slice(0, first), ...early, ...rest.slice(first)];
}

function numbered(statement: string, before: readonly string[]): string[] | undefined {
  const [, table, column, sequence, options = ''] = ADDS_IDENTITY.exec(statement) ?? [];
  if (table !== undefined && column !== undefined && sequence !== undefined)
    return [statement, goOn({ table, column, sequence, isDescending: /INCREMENT BY -/.test(options) })];
  const [, home, name, called] = TAKES_NUMBERS.exec(statement) ?? [];
  if (home === undefined || name === undefined || called === undefined) return undefined;
  const sequenceOf = identifier(called);
  const made = before.find((other) =>
    new RegExp(`^CREATE SEQUENCE (?:"public"\\.)?${escaped(sequenceOf)}[ ;]`).test(other),
  );
  if (made === undefined) return [ended(statement)];
  const isDescending = /INCREMENT BY -/.test(made);
  // drizzle-kit writes the name as it is, without the quotes that it may need.
  const quotedName = statement.replace(literal(called), literal(sequenceOf));
  return [ended(quotedName), goOn({ table: home, column: name, sequence: sequenceOf, isDescending })];
}

/** A sequence of the column's own type, as `serial` makes it. */
function typed(statement: string, next: string, { from, to }: States): string[] {
  const [, wider, key] = TO_BIGINT.exec(statement) ?? [];
  const [, narrower, less] = TO_INTEGER.exec(statement) ?? [];
  if (wider !== undefined && key !== undefined && isSerial(from, to, { table: wider, column: key }))
    return [statement, `ALTER SEQUENCE ${sequenceName(wider, key)} AS bigint;`];
  if (narrower !== undefined && less !== undefined && isSerial(to, from, { table: narrower, column: less }))
    return [statement, `ALTER SEQUENCE ${sequenceName(narrower, less)} AS integer;`];
  const [, sequence] = /^CREATE SEQUENCE (\S+|".*");\s*$/.exec(statement) ?? [];
  const [, table, column] = TAKES_NUMBERS.exec(next) ?? [];
  if (sequence === undefined || table === undefined || column === undefined) return [statement];
  const type = SERIAL[serialOf(to, { table, column }) ?? ''];
  return [type === undefined ? statement : `CREATE SEQUENCE ${sequence} AS ${type};`];
}

interface Numbered {
  table: string;
  column: string;
  sequence: string;
  isDescending: boolean;
}

/** A sequence that is behind its column goes on from there; one that is ahead stays. */
function goOn({ table, column, sequence, isDescending }: Numbered): string {
  const [last, isBehind] = isDescending ? ['min', '<='] : ['max', '>='];
  const value = `${last}("${column}")`;
  return `SELECT setval(${literal(sequence)}, ${value}) FROM ${table} HAVING ${value} ${isBehind} (SELECT last_value FROM ${sequence});`;
}

/** A name as \`nextval\` takes it, as an identifier: drizzle-kit leaves the quotes out. */
function identifier(called: string): string {
  if (called.includes('"')) return called;
  return called
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
}

function ended(statement: string): string {
  return statement.trimEnd().endsWith(';') ? statement : `${statement};`;
}

interface ColumnName {
  table: string;
  column: string;
}

function isSerial(from: Snapshot, to: Snapshot, name: ColumnName): boolean {
  return /^(?:small)?serial$/.test(serialOf(from, name) ?? '') && serialOf(to, name) === 'bigserial';
}

function serialOf({ ddl }: Snapshot, { table, column }: ColumnName): string | undefined {
  const item = ddl.find(
    ({ entityType, name, table: home = '' }) =>
      entityType === 'columns' && quoted(name) === column && table.endsWith(`"${quoted(home)}"`),
  );
  return item === undefined || !/serial$/.test(String(item.type)) ? undefined : String(item.type);
}

function sequenceName(table: string, column: string): string {
  return table.replace(/"$/, `_${column}_seq"`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
