import { csvRecord } from './csv.ts';
import type { Page, PageRequest } from './pages.ts';

/** The format of an export: a record a line, as CSV (RFC 4180) or as JSON. */
export type ExportFormat = 'csv' | 'ndjson';

/** Rows of one statement. */
const BATCH = 1000;
/** What of a JSON text a spreadsheet could take for the beginning of a formula. An escape is the same text to who reads JSON. */
const RUNNABLE = /(?<=[;"]['\u00a0 ]*)[=+\-@＝＋－＠]/g;

/**
 * Every row of a list, batch after batch by the list's own cursors: `batchesOf((page) => list(ctx, actor, page))`. A batch is
 * read when the one before is sent, so one alone is held, and between two no connection.
 */
export async function* batchesOf<Row>(list: (request: PageRequest) => Promise<Page<Row>>): AsyncGenerator<Row[]> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await list({ limit: BATCH, ...(cursor !== undefined && { cursor }) });
    yield page.items;
    cursor = page.next_cursor;
  }
}

/** The rows as text in pieces. Of CSV the first record has the names of the columns; it travels with the first rows. */
export async function* textOf<Row extends object>(
  batches: AsyncIterable<readonly Row[]>,
  { format, columns }: { format: ExportFormat; columns: readonly (keyof Row & string)[] },
): AsyncGenerator<string> {
  let head = format === 'csv' ? csvRecord(columns) : '';
  for await (const rows of batches) {
    const text = head + rows.map((row) => lineOf(row, { format, columns })).join('');
    head = '';
    if (text !== '') yield text;
  }
}

function lineOf<Row extends object>(
  row: Row,
  { format, columns }: { format: ExportFormat; columns: readonly (keyof Row & string)[] },
): string {
  if (format === 'csv') return csvRecord(columns.map((name) => cellOf(row[name])));
  return `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]])))}\n`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Instants are ISO 8601, lists and objects JSON. */
function cellOf(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return JSON.stringify(value).replaceAll(RUNNABLE, escaped);
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}
