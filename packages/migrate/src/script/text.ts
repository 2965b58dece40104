import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { MigrationError } from '../errors.ts';

const UTF_8 = new TextDecoder('utf-8');

/** Reads a file of a revision. Throws, with the line, for bytes that are not UTF-8: read as such, they would be other letters. */
export function readText(file: string): string {
  const bytes = bytesOf(file);
  if (!isUtf8(bytes) || bytes.includes(0))
    throw new MigrationError(`${file}, line ${lineOfBadByte(bytes)}: not UTF-8 text; save the file as UTF-8`);
  // An editor's byte order mark is no part of the text.
  return UTF_8.decode(bytes);
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new MigrationError(`${file} is missing`);
    throw error;
  }
}

function lineOfBadByte(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const text = bytes.subarray(start, end === -1 ? bytes.length : end);
    if (end === -1 || text.includes(0) || !isUtf8(text)) break;
    start = end + 1;
  }
  return line;
}
