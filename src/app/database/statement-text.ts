const READ = /^\s*select\b(?!.*\bfor (update|share))/is;
/** To look through a text takes up to a microsecond, and each statement is asked for. */
const remembered = new Map<string, boolean>();
const MAX_REMEMBERED = 500;
const MAX_LENGTH = 8192;

/** The text of a statement in the forms that the driver takes. */
export function textOf(config: unknown): string {
  return (typeof config === 'string' ? config : (config as { text?: string }).text) ?? '';
}

/** True for a statement that changes nothing and locks nothing. */
export function isRead(text: string): boolean {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const is = READ.test(text);
  // Those that are used again come again.
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  if (text.length <= MAX_LENGTH) remembered.set(text, is);
  return is;
}
