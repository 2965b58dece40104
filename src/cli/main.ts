import { Command } from 'commander';

/** The `back` command: one file per verb, registered here. */
const program = new Command('back')
  .description('Back API: serve it, migrate its database, manage its users')
  .showHelpAfterError();

await program.parseAsync();
