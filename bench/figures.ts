/** A number with fixed digits; a dash for one that this system does not tell, such as memory without /proc. */
export function formatFigure(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}
