/** What a person at the terminal can act on: one sentence, no stack. */
export class DevDatabaseError extends Error {
  override readonly name = 'DevDatabaseError';
}
