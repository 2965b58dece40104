/** What a spreadsheet takes for the beginning of a formula (ASVS 1.2.10), behind any apostrophes of ours. */
const GUARDED = /^'*[=+\-@\t\r\n\0＝＋－＠]/;

/** One record with its line end (RFC 4180); a text that a spreadsheet would run gets an apostrophe before it. */
export function csvRecord(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** The text that `csvRecord` was given: without the apostrophe that guards it. */
export function unguard(cell: string): string {
  return cell.startsWith("'") && GUARDED.test(cell) ? cell.slice(1) : cell;
}

function cellOf(value: string | number | boolean | null): string {
  // A number is no formula, the minus of a negative one included.
  return typeof value === 'string' ? quote(guard(value)) : String(value ?? '');
}

function guard(cell: string): string {
  return GUARDED.test(cell) ? `'${cell}` : cell;
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
