import { Command } from 'commander';
import { startProblem } from '../app/main.ts';
import { registerCreateAdmin } from './create-admin.ts';
import { registerEnv } from './env.ts';
import { registerOpenapi } from './openapi.ts';
import { registerRun } from './run.ts';
import { registerSettingsDocs } from './settings-docs.ts';

/** The `back` command: one file per verb, registered here. */
const program = new Command('back')
  .description('Back API: serve it, migrate its database, manage its users')
  .showHelpAfterError();

registerRun(program);
registerCreateAdmin(program);
registerEnv(program);
registerOpenapi(program);
registerSettingsDocs(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(startProblem(error));
  process.exit(1);
}
