import type { Command } from 'commander';
import type { VerbContext } from './verb-context.ts';

/** `adopt`: the way in from another tool. */
export function registerAdopt(program: Command, { open }: VerbContext): void {
  program
    .command('adopt')
    .description('take over a database that another tool has migrated; run nothing')
    .argument('[folder]', 'the folder that drizzle-kit wrote its migrations to')
    .action(async (folder: string | undefined) => {
      const migrator = await open();
      const { from, written, at, leftOut } = await migrator.adopt({ folder });
      if (from !== 'nobody') console.log(`The database was migrated by ${from}`);
      for (const { path } of written) console.log(`Wrote ${path}`);
      console.log(at.length === 0 ? 'No revision has run here yet' : `The database is at ${at.join(', ')}`);
      for (const what of leftOut)
        console.error(`Left out, since no model describes it: ${what}; declare it in objects`);
      const differences = at.length === 0 ? [] : await migrator.check();
      if (differences.length > 0) process.exitCode = 1;
      for (const { between, what, remedy } of differences) console.log(`${between}: ${what}\n    → ${remedy}`);
    });
}
