import type { Entry } from '../../app/services/admin/user-import.ts';
import { unguard } from '../../app/utils/csv.ts';
import { CommandError } from '../ui/errors.ts';
import { readCsv } from './csv.ts';
import { type Line, readLines } from './lines.ts';

export type Format = 'csv' | 'jsonl';

/** The format that is asked for, or that the file's name says. */
export function formatOf(file: string, asked: string | undefined): Format {
  const format = asked ?? /\.(csv|jsonl|ndjson)$/i.exec(file)?.[1]?.toLowerCase().replace('ndjson', 'jsonl');
  if (format === 'csv' || format === 'jsonl') return format;
  throw new CommandError('Give --format csv or --format jsonl; the name of the file does not say');
}

/** The rows of a file; `onNames` gets the names of the fields as they come up. */
export async function* readEntries(
  chunks: AsyncIterable<Buffer>,
  { format, onNames }: { format: Format; onNames: (names: readonly string[]) => void },
): AsyncGenerator<Entry> {
  const lines = readLines(chunks);
  for await (const entry of format === 'csv' ? csvEntries(lines, onNames) : jsonEntries(lines)) {
    if (format === 'jsonl' && 'fields' in entry) onNames(Object.keys(entry.fields));
    yield entry;
  }
}

async function* csvEntries(
  lines: AsyncIterable<Line>,
  onNames: (names: readonly string[]) => void,
): AsyncGenerator<Entry> {
  let names: string[] | undefined;
  for await (const { first_line: line, last_line, cells } of readCsv(lines)) {
    if (names === undefined) {
      if (cells === undefined)
        throw new CommandError(
          'The first line cannot be read: save the file as UTF-8, with LF or CRLF at the end of a line',
        );
      names = cells.map((name) => name.trim());
      if (!names.includes('email')) {
        throw new CommandError('The first line must name the columns, separated by commas, and one must be "email"');
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
