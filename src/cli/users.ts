import type { Command } from 'commander';
import {
  registerDisable,
  registerEnable,
  registerRemoveFactors,
  registerResetPassword,
  registerUnlock,
} from './users/change.ts';
import { registerExport } from './users/export.ts';
import { registerImport } from './users/import.ts';
import { registerInvite, registerSendReset, registerVerify } from './users/mail.ts';
import { registerList, registerShow } from './users/read.ts';

/** `back users …`: the accounts, for the operator at the terminal. */
export function registerUsers(program: Command): void {
  const group = program.command('users').description('list, show, invite, disable, enable, import and export users');
  registerList(group);
  registerShow(group);
  registerDisable(group);
  registerEnable(group);
  registerUnlock(group);
  registerResetPassword(group);
  registerInvite(group);
  registerVerify(group);
  registerSendReset(group);
  registerRemoveFactors(group);
  registerImport(group);
  registerExport(group);
}
