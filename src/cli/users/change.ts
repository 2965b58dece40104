import { randomBytes } from 'node:crypto';
import { stdin } from 'node:process';
import { type Command, Option } from 'commander';
import * as userFactors from '../../app/services/admin/user-factors.ts';
import * as userLock from '../../app/services/admin/user-lock.ts';
import * as users from '../../app/services/admin/users.ts';
import { readPassword } from '../ui/prompts.ts';
import { findUser, withContext } from './context.ts';

interface ResetOptions {
  passwordStdin?: boolean;
  generate?: boolean;
}

/** `back users disable USER`. */
export function registerDisable(group: Command): void {
  group
    .command('disable')
    .description('shut a user out and end every session at once')
    .argument('<user>', 'e-mail address or id')
    .action((name: string) => setActive(name, { is_active: false }));
}

/** `back users enable USER`. */
export function registerEnable(group: Command): void {
  group
    .command('enable')
    .description('let a disabled user log in again')
    .argument('<user>', 'e-mail address or id')
    .action((name: string) => setActive(name, { is_active: true }));
}

/** `back users unlock USER`. */
export function registerUnlock(group: Command): void {
  group
    .command('unlock')
    .description('lift the lock that failed logins put on an account')
    .argument('<user>', 'e-mail address or id')
    .action(async (name: string) => {
      await withContext(async (ctx) => {
        const { id, email } = await findUser(ctx, name);
        await userLock.lift(ctx, id);
        console.log(`${email} is not locked`);
      });
    });
}

/** `back users remove-factors USER`. */
export function registerRemoveFactors(group: Command): void {
  group
    .command('remove-factors')
    .description('remove the second factors of a user who has lost them, and end every session')
    .argument('<user>', 'e-mail address or id')
    .requiredOption('--reason <text>', 'why, for the audit events; such as how the person was identified')
    .action(async (name: string, { reason }: { reason: string }) => {
      await withContext(async (ctx) => {
        const { id, email } = await findUser(ctx, name);
        await userFactors.remove(ctx, { id, reason });
        console.log(`${email} logs in without a second factor; every session is ended`);
      });
    });
}

/** `back users reset-password USER`. */
export function registerResetPassword(group: Command): void {
  group
    .command('reset-password')
    .description('set a new password and end every session')
    .argument('<user>', 'e-mail address or id')
    .addOption(new Option('--generate', 'make a random password and print it').conflicts('passwordStdin'))
    .option('--password-stdin', 'read the password from standard input instead of asking for it')
    .action(async (name: string, { passwordStdin, generate }: ResetOptions) => {
      await withContext(async (ctx) => {
        const { id, email } = await findUser(ctx, name);
        const password = generate
          ? randomBytes(18).toString('base64url')
          : await readPassword({ from_stdin: passwordStdin === true || !stdin.isTTY });
        await users.resetPassword(ctx, { id, password });
        console.error(`${email} has a new password; every session is ended`);
        if (generate) console.log(password);
      });
    });
}

async function setActive(name: string, { is_active }: { is_active: boolean }): Promise<void> {
  const { email } = await withContext(async (ctx) => {
    const { id } = await findUser(ctx, name);
    return users.update(ctx, { id, is_active });
  });
  console.log(is_active ? `${email} can log in again` : `${email} is disabled; every session is ended`);
}
