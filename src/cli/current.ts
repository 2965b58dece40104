import type { Command } from 'commander';
import { projectMigrator } from './migrator.ts';

/** `back current`: Alembic's `current`. */
export function registerCurrent(program: Command): void {
  program
    .command('current')
    .description('print the revision that the database is at')
    .action(async () => {
      const migrator = projectMigrator();
      const current = await migrator.current();
      if (current.length === 0) console.log('The database was never migrated; to do it: npx back upgrade head');
      const heads = new Set(migrator.heads().map(({ id }) => id));
      for (const { id, message } of current) console.log(`${id}${heads.has(id) ? ' (head)' : ''}  ${message}`);
    });
}
