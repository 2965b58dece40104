import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { stdin } from 'node:process';
import type { Command } from 'commander';
import { loadConfig, readEnvironment } from '../../app/config.ts';
import { readEntries } from '../../app/services/admin/user-files.ts';
import * as userImport from '../../app/services/admin/user-import.ts';
import { FIELD_NAMES } from '../../app/services/admin/user-records.ts';
import type { FirebaseHashParameters } from '../../app/services/auth/passwords.ts';
import { printable } from '../../app/utils/printable.ts';
import { inAppContext } from '../context.ts';
import { CommandError } from '../ui/errors.ts';
import { readGivenFile } from '../ui/files.ts';
import { createProgress } from '../ui/progress.ts';
import { formatOf } from './files.ts';

/** A file of objects may have a new name in every line. */
const MAX_IGNORED_NAMES = 50;

interface Options {
  format?: string;
  dryRun?: boolean;
  firebaseHashConfig?: string;
}

/** `back users import FILE`: accounts from another system, with their passwords' hashes. */
export function registerImport(users: Command): void {
  users
    .command('import')
    .description('create users from a CSV or JSON lines file; run again, it skips those that are there')
    .argument('<file>', '- reads standard input')
    .option('--format <format>', 'csv or jsonl, if the name of the file does not say')
    .option('--dry-run', 'check every row, write nothing')
    .option('--firebase-hash-config <file>', 'the "password hash parameters" of the Firebase console, as a text file')
    .action(async (file: string, options: Options) => {
      const outcome = await importFile(file, options);
      console.log(summary(outcome, options.dryRun === true));
      if (outcome.refused > 0) process.exitCode = 1;
    });
}

async function importFile(file: string, options: Options): Promise<userImport.ImportOutcome> {
  const config = loadConfig(readEnvironment());
  const { dryRun, firebaseHashConfig } = options;
  const firebase = firebaseHashConfig === undefined ? undefined : readFirebaseParameters(firebaseHashConfig);
  const format = formatOf(file, options.format);
  const source = await openSource(file);
  const progress = createProgress();
  const ignored = createIgnoredFields((message) => {
    progress.clear();
    console.error(message);
  });
  const entries = readEntries(source.chunks, {
    ...{ format, onNames: ignored },
    refuse: (sentence) => new CommandError(sentence),
  });
  return inAppContext(config, (ctx) =>
    userImport
      .importAll(ctx, entries, {
        dry_run: dryRun === true,
        firebase,
        onRejected: ({ line, last_line, reason }) => {
          progress.clear();
          console.error(`${last_line === undefined ? `line ${line}` : `lines ${line}-${last_line}`}: ${reason}`);
        },
        onProgress: (rows) =>
          progress.update({ done: source.bytesRead(), total: source.bytes, text: `${rows.toLocaleString('en')} rows` }),
      })
      .finally(progress.clear),
  );
}

async function openSource(
  file: string,
): Promise<{ chunks: AsyncIterable<Buffer>; bytes: number; bytesRead: () => number }> {
  if (file === '-') return { chunks: stdin, bytes: 0, bytesRead: () => 0 };
  const stream = createReadStream(file);
  try {
    await once(stream, 'open');
  } catch {
    throw new CommandError(`${file} cannot be read`);
  }
  const { size } = statSync(file);
  return { chunks: stream, bytes: size, bytesRead: () => stream.bytesRead };
}

/** Names each field that is read by nobody, once. */
function createIgnoredFields(say: (message: string) => void): (names: readonly string[]) => void {
  const said = new Set<string>();
  return (names) => {
    for (const name of names) {
      if (FIELD_NAMES.has(name) || said.has(name) || said.size >= MAX_IGNORED_NAMES) continue;
      said.add(name);
      say(`field "${printable(name)}" is not imported`);
    }
  };
}

/** Reads what the console shows: `base64_signer_key: …, base64_salt_separator: …, rounds: 8, mem_cost: 14`. */
function readFirebaseParameters(file: string): FirebaseHashParameters {
  const text = readGivenFile(file);
  const parameter = (name: string): string => {
    const value = new RegExp(`["']?${name}["']?\\s*[:=]\\s*["']?([A-Za-z0-9+/=_-]+)`).exec(text)?.[1];
    if (value === undefined) throw new CommandError(`${file} does not name ${name}, as the Firebase console shows it`);
    return value;
  };
  return {
    signer_key: parameter('base64_signer_key'),
    salt_separator: parameter('base64_salt_separator'),
    rounds: Number(parameter('rounds')),
    memory_cost: Number(parameter('mem_cost')),
  };
}

function summary(
  { imported, without_password, existing, refused }: userImport.ImportOutcome,
  dry_run: boolean,
): string {
  const counts = [
    `${imported} ${dry_run ? 'would be imported' : 'imported'}`,
    without_password > 0 && `${without_password} of them without a password: they need "back users reset-password"`,
    `${existing} registered already`,
    `${refused} refused`,
  ];
  return counts.filter((count) => count !== false).join(', ');
}
