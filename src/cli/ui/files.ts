import { readTextFile } from '../../app/utils/text-files.ts';
import { CommandError } from './errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a directory',
};

/** The text of a file that a command was given, or one sentence that says why it cannot be read. */
export function readGivenFile(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === undefined ? message : (REASONS[code] ?? `cannot be read (${code})`);
    throw new CommandError(`${file} ${reason}`, { cause: error });
  }
}
