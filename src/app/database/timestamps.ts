/** `2026-11-26 06:25:27.123` and `+00` of PostgreSQL's text of an instant. */
const TO_THE_MILLISECOND = 23;
const ZONE = '+00';
/** Most rows are as they were created: the same instant stands in them twice. */
let last_text = '';
let last_iso = '';

/**
 * PostgreSQL's text of an instant as the API writes it (RFC 3339): in UTC, cut to milliseconds. By way of a Date it would
 * cost ten times as much, and a page has forty of them.
 */
export function isoTimestamp(text: string): string {
  const isUsual = text.length >= TO_THE_MILLISECOND + ZONE.length && text.endsWith(ZONE) && text.charAt(10) === ' ';
  // Another time zone of the server, a fraction that ends in zeros, or a year that has not four digits.
  if (!isUsual) return new Date(text).toISOString();
  if (text !== last_text) {
    last_text = text;
    last_iso = `${text.slice(0, 10)}T${text.slice(11, TO_THE_MILLISECOND)}Z`;
  }
  return last_iso;
}
