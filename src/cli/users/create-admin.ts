import { stdin } from 'node:process';
import type { Command } from 'commander';
import { loadConfig, readEnvironment } from '../../app/config.ts';
import * as users from '../../app/services/admin/users.ts';
import { inAppContext } from '../context.ts';
import { readPassword } from '../ui/prompts.ts';

/** `back create-admin EMAIL`: the one way to the first administrator; no account exists by default. */
export function registerCreateAdmin(program: Command): void {
  program
    .command('create-admin')
    .description('create an administrator, or make an existing user one')
    .argument('<email>')
    .option('--password-stdin', 'read the password from standard input instead of asking for it')
    .action(async (email: string, { passwordStdin }: { passwordStdin?: boolean }) => {
      const config = loadConfig(readEnvironment());
      await inAppContext(config, async (ctx) => {
        if (await users.promote(ctx, email))
          return console.log(`${email} is an administrator now; the password is unchanged`);
        const password = await readPassword({ from_stdin: passwordStdin === true || !stdin.isTTY });
        await users.create(ctx, { email, password, role: 'admin', is_verified: true });
        console.log(`Administrator ${email} created`);
      });
    });
}
