/** The text of a statement in the forms that the driver takes. */
export function textOf(config: unknown): string {
  return (typeof config === 'string' ? config : (config as { text?: string }).text) ?? '';
}

/** True for a statement that changes nothing and locks nothing. */
export function isRead(text: string): boolean {
  return /^\s*select\b(?!.*\bfor (update|share))/is.test(text);
}
