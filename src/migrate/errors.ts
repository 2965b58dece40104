/** What a person at the terminal can act on: one sentence, no stack. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
