import { Command } from 'commander';
import { startProblem } from '../app/main.ts';
import { MigrationError } from '../migrate/errors.ts';
import { registerCreateAdmin } from './create-admin.ts';
import { registerCurrent } from './current.ts';
import { registerDowngrade } from './downgrade.ts';
import { registerEnv } from './env.ts';
import { registerHistory } from './history.ts';
import { registerOpenapi } from './openapi.ts';
import { registerRevision } from './revision.ts';
import { registerRun } from './run.ts';
import { registerSettingsDocs } from './settings-docs.ts';
import { registerStamp } from './stamp.ts';
import { registerUpgrade } from './upgrade.ts';

/** The `back` command: one file per verb, registered here. */
const program = new Command('back')
  .description('Back API: serve it, migrate its database, manage its users')
  .showHelpAfterError();

registerRun(program);
registerUpgrade(program);
registerDowngrade(program);
registerCurrent(program);
registerHistory(program);
registerRevision(program);
registerStamp(program);
registerCreateAdmin(program);
registerEnv(program);
registerOpenapi(program);
registerSettingsDocs(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof MigrationError ? error.message : startProblem(error));
  process.exit(1);
}
