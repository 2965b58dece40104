import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { type ExportFormat, textOf } from '../utils/exports.ts';

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** What a file of rows is made of; `columns` is the view's schema, whose fields are the columns. */
export interface RowFile<Row extends object> {
  name: string;
  format?: ExportFormat | undefined;
  columns: { properties: { [K in keyof Row & string]: unknown } };
  batches: AsyncIterable<readonly Row[]>;
}

/**
 * Answers with a file of all rows, as fast as the client reads:
 * `sendRows(reply, { ...request.query, name: 'notes', columns: Note, batches: batchesOf((page) => notes.list(ctx, actor, page)) })`.
 * A failure before the first row is answered as any other. A later one breaks the answer off, so that no client takes a part
 * for the whole; see the events `answer.broke_off` and `answer.abandoned`.
 */
export function sendRows<Row extends object>(
  reply: FastifyReply,
  { name, format = 'csv', columns, batches }: RowFile<Row>,
): FastifyReply {
  // The schema's properties are the row's fields.
  const names = Object.keys(columns.properties) as (keyof Row & string)[];
  const text = textOf(batches, { format, columns: names });
  return reply
    .type(MEDIA_TYPES[format])
    .header('content-disposition', `attachment; filename="${name}.${format}"`)
    .send(Readable.from(text, { objectMode: false }));
}
