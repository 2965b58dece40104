import { type Command, Option } from 'commander';
import { ROLES, type Role } from '../../app/models/auth/users.ts';
import { invite } from '../../app/services/admin/invitations.ts';
import * as userProofs from '../../app/services/admin/user-proofs.ts';
import { findUser, withContext } from './context.ts';

/** `back users invite EMAIL`. */
export function registerInvite(group: Command): void {
  group
    .command('invite')
    .description('open an account without a password and mail its owner an invitation, again while it is open')
    .argument('<email>', 'e-mail address')
    .option('--name <name>', 'name of the account')
    .addOption(new Option('--role <role>', 'user if it is not given').choices([...ROLES]))
    .action(async (email: string, given: { name?: string; role?: Role }) => {
      await withContext(async (ctx) => {
        const { user, isNew } = await invite(ctx, { email, ...given });
        console.log(`${user.email} is invited${isNew ? '' : ' again'}`);
      });
    });
}

/** `back users verify USER`. */
export function registerVerify(group: Command): void {
  group
    .command('verify')
    .description('count the address of a user as verified, without a mail')
    .argument('<user>', 'e-mail address or id')
    .action(async (name: string) => {
      await withContext(async (ctx) => {
        const { id, email } = await findUser(ctx, name);
        await userProofs.verify(ctx, id);
        console.log(`${email} is verified`);
      });
    });
}

/** `back users send-reset USER`. */
export function registerSendReset(group: Command): void {
  group
    .command('send-reset')
    .description('mail a user a link that sets a new password, or the invitation again if it is open')
    .argument('<user>', 'e-mail address or id')
    .action(async (name: string) => {
      await withContext(async (ctx) => {
        const { id, email } = await findUser(ctx, name);
        await userProofs.sendReset(ctx, id);
        console.log(`A mail to ${email} is queued; a server process sends it`);
      });
    });
}
