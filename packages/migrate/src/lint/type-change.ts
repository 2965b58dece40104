import type { ColumnType } from './column-type.ts';
import { BINARY_CASTS } from './postgres-facts.ts';

const BINARY = new Set(BINARY_CASTS.trim().split(/\s+/));
/** Types whose length may grow without a look at the rows, and the length that no length is. */
const LENGTHS: Readonly<Record<string, number>> = {
  varchar: Number.POSITIVE_INFINITY,
  varbit: Number.POSITIVE_INFINITY,
  time: 6,
  timetz: 6,
  timestamp: 6,
  timestamptz: 6,
};
/** How the grammar writes that an interval keeps all its fields. */
const WHOLE_INTERVAL = 32767;

/** True if PostgreSQL writes every row anew for a column's change between built-in types. */
export function rewritesRows(from: ColumnType, to: ColumnType, { is_utc }: { is_utc: boolean }): boolean {
  if (from.is_array || to.is_array) return !isSame(from, to);
  if (isSame(from, to)) return false;
  if (from.name === to.name) return !grows(from, to);
  if (isTimestamp(from) && isTimestamp(to)) return !is_utc || !grows({ ...to, mods: [] }, to);
  if (!BINARY.has(`${from.name}>${to.name}`)) return true;
  // A length is enforced by a function over every row.
  return to.mods.length > 0 && !grows({ ...to, mods: [] }, to);
}

/** True if an index on the column has to be built anew even if no row is written. */
export function rebuildsIndexes(from: ColumnType, to: ColumnType): boolean {
  const isText = ({ name }: ColumnType): boolean => name === 'text' || name === 'varchar';
  if (to.collation !== undefined && to.collation !== from.collation) return true;
  return from.name !== to.name && !(isText(from) && isText(to)) && !(from.name === 'cidr' && to.name === 'inet');
}

function isSame(from: ColumnType, to: ColumnType): boolean {
  return from.name === to.name && from.is_array === to.is_array && from.mods.join() === to.mods.join();
}

function grows(from: ColumnType, to: ColumnType): boolean {
  if (to.name === 'numeric') return growsAsNumeric(from, to);
  if (to.name === 'interval') return growsAsInterval(from, to);
  const unlimited = LENGTHS[to.name];
  if (unlimited === undefined) return false;
  const [before = unlimited] = from.mods;
  const [after = unlimited] = to.mods;
  return after >= before;
}

function growsAsNumeric(from: ColumnType, to: ColumnType): boolean {
  const [precision, scale = 0] = to.mods;
  if (precision === undefined) return true;
  const [before, scale_before = 0] = from.mods;
  return before !== undefined && precision >= before && scale === scale_before;
}

function growsAsInterval(from: ColumnType, to: ColumnType): boolean {
  const [fields = WHOLE_INTERVAL, precision = 6] = to.mods;
  const [, before = 6] = from.mods;
  return fields === WHOLE_INTERVAL && precision >= before;
}

function isTimestamp({ name }: ColumnType): boolean {
  return name === 'timestamp' || name === 'timestamptz';
}
