import { type Command, Option } from 'commander';
import type { RequestContext } from '../../app/context.ts';
import type { User } from '../../app/models/auth/users.ts';
import * as users from '../../app/services/admin/users.ts';
import * as sessions from '../../app/services/auth/sessions.ts';
import { CommandError } from '../ui/errors.ts';
import { table } from '../ui/table.ts';
import { findUser, withContext } from './context.ts';

interface ListOptions {
  email?: string;
  role?: 'user' | 'admin';
  disabled?: boolean;
  active?: boolean;
  limit: string;
  json?: boolean;
}

const HEADINGS = ['ID', 'E-MAIL', 'ROLE', 'STATE', 'CREATED', 'NAME'];

/** `back users list`. */
export function registerList(group: Command): void {
  group
    .command('list')
    .description('list users, newest first')
    .option('--email <prefix>', 'whose address begins so')
    .addOption(new Option('--role <role>').choices(['user', 'admin']))
    .addOption(new Option('--disabled', 'disabled ones only').conflicts('active'))
    .option('--active', 'active ones only')
    .option('--limit <rows>', 'the most rows to list', '20')
    .option('--json', 'one JSON object a line')
    .action(async ({ email, role, disabled, active, limit, json }: ListOptions) => {
      const filter = {
        ...(email !== undefined && { email }),
        ...(role !== undefined && { role }),
        ...((active || disabled) && { is_active: active === true }),
        limit: wholeNumber(limit),
      };
      const { items, next_cursor } = await withContext((ctx) => users.list(ctx, filter));
      if (json) return console.log(items.map((user) => JSON.stringify(user)).join('\n'));
      console.log(table(HEADINGS, items.map(row)));
      if (next_cursor !== null) console.log(`… and more; --limit shows them, --email narrows them down`);
    });
}

/** `back users show USER`. */
export function registerShow(group: Command): void {
  group
    .command('show')
    .description('show one user and its sessions')
    .argument('<user>', 'e-mail address or id')
    .option('--json', 'as one JSON object')
    .action(async (name: string, { json }: { json?: boolean }) => {
      const { user, living } = await withContext(async (ctx) => {
        const user = await findUser(ctx, name);
        return { user, living: await sessionsOf(ctx, user) };
      });
      if (json) return console.log(JSON.stringify({ ...user, sessions: living }, null, 2));
      console.log(table(HEADINGS, [row(user)]));
      console.log(living.length === 0 ? '\nNo sessions' : `\n${sessionTable(living)}`);
    });
}

async function sessionsOf(ctx: RequestContext, user: User): Promise<Omit<sessions.SessionView, 'current'>[]> {
  // The operator has no session, so none of the list is the current one.
  const nobody = { user, session_id: user.id };
  const { items } = await sessions.list(ctx, nobody, { user_id: user.id, limit: 100 });
  return items.map(({ current, ...session }) => session);
}

function sessionTable(living: Omit<sessions.SessionView, 'current'>[]): string {
  return table(
    ['SESSION', 'IP', 'LAST USED', 'USER AGENT'],
    living.map(({ id, ip, last_used_at, user_agent }) => [id, ip ?? '', last_used_at.toISOString(), user_agent ?? '']),
  );
}

function row({ id, email, role, is_active, created_at, name }: User): string[] {
  return [id, email, role, is_active ? 'active' : 'disabled', created_at, name ?? ''];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new CommandError('--limit must be a whole number from 1');
  return number;
}
