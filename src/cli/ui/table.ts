import { printable } from '../../app/utils/printable.ts';

/** Rows under their headings in columns of equal width, for a terminal; the last column is not padded. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => printable(line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => printable(cell).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
