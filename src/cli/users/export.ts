import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stdout } from 'node:process';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { loadConfig, readEnvironment } from '../../app/config.ts';
import * as userExport from '../../app/services/admin/user-export.ts';
import type { Format } from '../../app/services/admin/user-files.ts';
import { countWaysIn } from '../../app/services/admin/user-ways-in.ts';
import { csvRecord } from '../../app/utils/csv.ts';
import { inAppContext } from '../context.ts';
import { CommandError } from '../ui/errors.ts';
import { formatOf } from './files.ts';

interface Options {
  format?: string;
  output?: string;
  withHashes?: boolean;
}

/** `back users export`: what `back users import` reads. */
export function registerExport(users: Command): void {
  users
    .command('export')
    .description('write every user as CSV or JSON lines, in the form that import reads')
    .option('--format <format>', 'csv or jsonl (default: what the name of the file says, else csv)')
    .option('-o, --output <file>', 'a new file, readable by its owner only, instead of standard output')
    .option('--with-hashes', 'with the hashes of the passwords; keep such a file like the passwords themselves')
    .action(async ({ format, output, withHashes }: Options) => {
      const config = loadConfig(readEnvironment());
      const as = formatOf(output ?? '', format ?? (output === undefined ? 'csv' : undefined));
      const file = output === undefined ? stdout : await createFile(output);
      const count = await inAppContext(config, async (ctx) => {
        const pages = userExport.exportAll(ctx, { with_hashes: withHashes === true });
        const written = await writePages(file, pages, { format: as, with_hashes: withHashes === true });
        for (const sentence of leftOut(await countWaysIn(ctx), as)) console.error(sentence);
        return written;
      });
      console.error(`${count} users exported`);
    });
}

/** What the file does not hold. */
function leftOut(there: Awaited<ReturnType<typeof countWaysIn>>, format: Format): string[] {
  const { identities, passkeys, apps } = there;
  const isLost = format === 'csv' && identities + passkeys > 0;
  return [
    ...(isLost
      ? [`a CSV holds no linked accounts (${identities}) and no passkeys (${passkeys}): --format jsonl writes them too`]
      : []),
    ...(apps > 0 ? [`no export holds the authenticator apps: ${apps} users set theirs up again after an import`] : []),
  ];
}

async function writePages(
  file: Writable,
  pages: AsyncIterable<userExport.ExportedUser[]>,
  { format, with_hashes }: { format: Format; with_hashes: boolean },
): Promise<number> {
  const columns = [
    'id',
    'email',
    'name',
    'email_verified_at',
    'locale',
    'role',
    'is_active',
    'created_at',
    ...(with_hashes ? ['password_hash'] : []),
  ];
  let count = 0;
  if (format === 'csv') file.write(csvRecord(columns));
  for await (const page of pages) {
    const text = page.map((user) => (format === 'csv' ? csvRecord(cells(user, columns)) : `${JSON.stringify(user)}\n`));
    if (!file.write(text.join(''))) await once(file, 'drain');
    count += page.length;
  }
  if (file !== stdout) await finished(file.end());
  return count;
}

function cells(user: userExport.ExportedUser, columns: readonly string[]): (string | null)[] {
  const values: Record<string, unknown> = { ...user };
  return columns.map((column) => {
    const value = values[column];
    if (value instanceof Date) return value.toISOString();
    return value === null ? null : String(value);
  });
}

async function createFile(path: string): Promise<Writable> {
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx' });
  try {
    await once(file, 'open');
    return file;
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new CommandError(exists ? `${path} exists already; give another name` : `${path} cannot be written`);
  }
}
