import type { Command } from 'commander';

/**
 * Yours: verbs of the `back` command beside the kit's, listed by `back --help`. A verb is a file that exports how it is
 * registered, as src/cli/seed.ts does: `overdue: async () => (await import('./overdue.ts')).registerOverdue`.
 */
export const productVerbs: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  overdue: async () => (await import('./overdue.ts')).registerOverdue,
};
