/** What a person at the terminal can act on: one sentence or a few lines, no stack. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
