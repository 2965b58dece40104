import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { confirmCaller } from '../dependencies.ts';
import { renewWait } from '../observability/trace.ts';
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
 * for the whole; see the events `answer.broke_off` and `answer.abandoned`. So does the end of the caller's session, or of what
 * the caller may do, from the next batch on: `answer.ended`.
 */
export function sendRows<Row extends object>(
  reply: FastifyReply,
  { name, format = 'csv', columns, batches }: RowFile<Row>,
): FastifyReply {
  // The schema's properties are the row's fields.
  const names = Object.keys(columns.properties) as (keyof Row & string)[];
  const text = textOf(whileConfirmed(batches, reply.request), { format, columns: names });
  return reply
    .type(MEDIA_TYPES[format])
    .header('content-disposition', `attachment; filename="${name}.${format}"`)
    .send(Readable.from(text, { objectMode: false }));
}

/**
 * The batches as long as their reader may have them: asked for before each but the first, which the route's guard let through.
 * A request waits for the database so long in all; a file waits so long for each batch, whatever its length.
 */
async function* whileConfirmed<Rows>(batches: AsyncIterable<Rows>, request: FastifyRequest): AsyncGenerator<Rows> {
  let isFirst = true;
  for await (const rows of batches) {
    if (!isFirst) await confirmCaller(request);
    isFirst = false;
    yield rows;
    renewWait(request.trace);
  }
}
