#!/usr/bin/env node
import { Command } from 'commander';
import { MigrationError } from '../errors.ts';
import { createMigrator } from '../migrator.ts';
import { loadConfig } from './config.ts';
import type { VerbContext } from './verb-context.ts';
import { VERBS } from './verbs.ts';

const program = new Command('pg-revisions')
  .description('Migrations of Drizzle models on PostgreSQL: plain SQL both ways')
  .option('-c, --config <file>', 'the configuration, instead of the pg-revisions.config.* of this folder')
  .showHelpAfterError();

const context: VerbContext = {
  command: 'npx pg-revisions',
  open: async (listeners) => createMigrator({ ...(await loadConfig(program.opts().config)), ...listeners }),
};

// The reader has closed the pipe, as in `pg-revisions history | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const asked = Object.entries(VERBS).filter(([verb]) => verb === process.argv[2]);
for (const [, load] of asked.length > 0 ? asked : Object.entries(VERBS)) (await load())(program, context);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof MigrationError ? error.message : error);
  process.exit(1);
}
