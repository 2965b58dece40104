import type { Command } from 'commander';
import { loadConfig, readEnvironment } from '../app/config.ts';
import * as overdue from '../app/services/overdue.ts';
import { inAppContext } from './context.ts';
import { table } from './ui/table.ts';

/** `back overdue`: the loans that are late, for the operator at the terminal. */
export function registerOverdue(program: Command): void {
  program
    .command('overdue')
    .description('list the loans that are late')
    .action(async () => {
      const late = await inAppContext(loadConfig(readEnvironment()), overdue.list);
      console.log(
        table(
          ['LOAN', 'BORROWER', 'DUE AT'],
          late.map(({ id, owner_id, due_at }) => [id, owner_id, due_at]),
        ),
      );
    });
}
