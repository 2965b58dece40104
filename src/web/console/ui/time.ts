const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const SHORT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** `3 minutes ago`, `in 6 days`. */
export function relativeTime(text: string, now: number): string {
  const seconds = (Date.parse(text) - now) / 1000;
  const found = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return found === undefined ? 'just now' : RELATIVE.format(Math.trunc(seconds / found[1]), found[0]);
}

/** The moment to the second, in the reader's zone. */
export function exactTime(text: string): string {
  return EXACT.format(new Date(text));
}

/** The hour of a moment, in the reader's zone. */
export function hourOf(text: string): string {
  return HOUR.format(new Date(text));
}

export function dayOf(text: string): string {
  return SHORT.format(new Date(text));
}
