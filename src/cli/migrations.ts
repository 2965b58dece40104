import type { Command } from 'commander';
import { VERBS, type VerbContext } from 'pg-revisions/cli';

const context: VerbContext = {
  command: 'npx back',
  open: async (listeners) => (await import('./migrator.ts')).projectMigrator(listeners),
};

/** The verbs of the migration tool, on the project's own revisions, models and database. */
export const migrationVerbs: Record<string, () => Promise<(program: Command) => void>> = Object.fromEntries(
  Object.entries(VERBS).map(([verb, load]) => [
    verb,
    async () => {
      const register = await load();
      return (program) => register(program, context);
    },
  ]),
);
