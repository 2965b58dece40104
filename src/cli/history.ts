import type { Command } from 'commander';
import { projectMigrator } from './migrator.ts';

/** `back history`: Alembic's `history`, newest first. */
export function registerHistory(program: Command): void {
  program
    .command('history')
    .description('list the revisions, newest first')
    .option('-i, --indicate-current', 'mark where the database is')
    .action(async ({ indicateCurrent }: { indicateCurrent?: boolean }) => {
      const migrator = projectMigrator();
      const current = new Set(indicateCurrent ? (await migrator.current()).map(({ id }) => id) : []);
      const heads = new Set(migrator.heads().map(({ id }) => id));
      for (const { id, down_revisions, message, create_date } of migrator.history()) {
        const marks = [heads.has(id) && '(head)', current.has(id) && '(current)'].filter(Boolean).join(' ');
        console.log(`${down_revisions.join(', ') || '<base>'} -> ${id} ${marks}  ${create_date}  ${message}`);
      }
    });
}
