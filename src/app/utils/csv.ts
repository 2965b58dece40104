/** What a spreadsheet takes for the beginning of a formula (ASVS 1.2.10), behind what it skips and any apostrophes of ours. */
const GUARDED = /^['\u00a0 ]*[=+\-@\t\r\n\0＝＋－＠]/;
/** The same behind what parts cells where the decimal point is a comma, and behind a quote. */
const GUARDED_INSIDE = /(?<=[;\t\r\n"])(?=['\u00a0 ]*[=+\-@＝＋－＠])/g;
const GUARDS_INSIDE = /(?<=[;\t\r\n"])'(?=['\u00a0 ]*[=+\-@＝＋－＠])/g;

/** One record with its line end (RFC 4180); a text that a spreadsheet would run gets an apostrophe before it. */
export function csvRecord(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** The text that `csvRecord` was given: without the apostrophes that guard it. */
export function unguard(cell: string): string {
  const text = cell.replaceAll(GUARDS_INSIDE, '');
  return text.startsWith("'") && GUARDED.test(text) ? text.slice(1) : text;
}

function cellOf(value: string | number | boolean | null): string {
  // A number is no formula, the minus of a negative one included.
  return typeof value === 'string' ? quote(guard(value)) : String(value ?? '');
}

function guard(cell: string): string {
  const text = cell.replaceAll(GUARDED_INSIDE, "'");
  return GUARDED.test(text) ? `'${text}` : text;
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
