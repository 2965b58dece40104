import { unguard } from '../../utils/csv.ts';
import { readCsv } from './user-files/csv.ts';
import { type Line, readLines } from './user-files/lines.ts';
import type { Entry } from './user-import.ts';

/** The formats of a file of users. */
export const FORMATS = ['csv', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

interface ReadOptions {
  format: Format;
  /** Gets the names of the fields as they come up. */
  onNames: (names: readonly string[]) => void;
  /** Makes the error of a file that cannot be read at all. */
  refuse: (sentence: string) => Error;
}

/** The rows of a file of users. */
export async function* readEntries(
  chunks: AsyncIterable<Buffer>,
  { format, onNames, refuse }: ReadOptions,
): AsyncGenerator<Entry> {
  const lines = readLines(chunks);
  for await (const entry of format === 'csv' ? csvEntries(lines, { onNames, refuse }) : jsonEntries(lines)) {
    if (format === 'jsonl' && 'fields' in entry) onNames(Object.keys(entry.fields));
    yield entry;
  }
}

async function* csvEntries(
  lines: AsyncIterable<Line>,
  { onNames, refuse }: Omit<ReadOptions, 'format'>,
): AsyncGenerator<Entry> {
  let names: string[] | undefined;
  for await (const { first_line: line, last_line, cells } of readCsv(lines)) {
    if (names === undefined) {
      if (cells === undefined)
        throw refuse('The first line cannot be read: save the file as UTF-8, with LF or CRLF at the end of a line');
      names = cells.map((name) => name.trim());
      if (!names.includes('email')) {
        throw refuse('The first line must name the columns, separated by commas, and one must be "email"');
      }
      onNames(names);
    } else if (cells === undefined) yield { line, problem: 'cannot be read: not UTF-8, or a quote out of place' };
    else if (cells.length === 1 && cells[0] === '') continue;
    else if (cells.length !== names.length) {
      yield { line, last_line, problem: `has ${cells.length} columns, but the first line names ${names.length}` };
    } else yield { line, last_line, fields: zip(names, cells) };
  }
}

async function* jsonEntries(lines: AsyncIterable<Line>): AsyncGenerator<Entry> {
  for await (const { number: line, text } of lines) {
    if (text === undefined) yield { line, problem: 'cannot be read: not UTF-8, or longer than 1 MiB' };
    else if (text.trim() !== '') yield { line, ...parseObject(text) };
  }
}

function parseObject(text: string): { fields: Record<string, unknown> } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    // A JSON object has text keys, whatever its values are.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { fields: value as Record<string, unknown> };
    }
  } catch {
    // Said below, as for any other line that holds no object.
  }
  return { problem: 'is not a JSON object on one line' };
}

function zip(names: readonly string[], cells: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name, index) => [name, unguard(cells[index] ?? '')]));
}
