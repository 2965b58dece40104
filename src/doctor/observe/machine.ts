import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dictionary } from '@zxcvbn-ts/language-common';
import type { Config } from '../../app/config.ts';
import { isReadableByOthers, readKeyFilesSync } from '../../app/keys/files.ts';

const OTHERS = 0o077;

/** The files with secrets whose mode lets others than their owner read them: `.env` in `directory`, and the signing keys. */
export function exposedFiles(
  directory: string,
  { keys_directory, allow_rs256 }: Pick<Config, 'keys_directory' | 'allow_rs256'>,
): string[] {
  const env = join(directory, '.env');
  const isOpen = process.platform !== 'win32' && existsSync(env) && (statSync(env).mode & OTHERS) !== 0;
  const keys = keys_directory ? readKeyFilesSync(keys_directory, { allow_rs256 }).keys : [];
  const open = keys.filter((key) => isReadableByOthers(keys_directory, key));
  return [...(isOpen ? ['.env'] : []), ...open.map(({ file }) => join(keys_directory, file))];
}

/** Words of at least four letters that lists of words and of common passwords have. */
export function knownWords(): ReadonlySet<string> {
  const all = [...dictionary['diceware-common'], ...dictionary['passwords-common']].map(String);
  return new Set(all.filter((word) => /^[a-z]{4,}$/.test(word)));
}
