import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/** A file's text in any encoding of `decodeText`. Throws the system's error, or an Error whose message completes "FILE …". */
export function readTextFile(path: string): string {
  return decodeText(readFileSync(path));
}

/**
 * UTF-8, or UTF-16 with a byte order mark, as PowerShell writes it; without the mark, every line end as LF. Throws for other
 * encodings and names the line.
 */
export function decodeText(bytes: Buffer): string {
  return decode(bytes).replaceAll(/\r\n?/g, '\n');
}

function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (!isUtf8(bytes)) throw new Error(`is not UTF-8 in line ${lineOfDamage(bytes)}: save it in that encoding`);
  // The decoder drops the mark.
  return new TextDecoder().decode(bytes);
}

function lineOfDamage(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split(/\r\n?|\n/);
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1;
}
