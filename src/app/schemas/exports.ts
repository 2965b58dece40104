import type { Readable } from 'node:stream';
import { closed } from './common.ts';
import { Type } from './type.ts';

const Format = Type.Unsafe<'csv' | 'ndjson'>({
  type: 'string',
  enum: ['csv', 'ndjson'],
  default: 'csv',
  description: 'CSV, or a JSON object a line',
});

/** The query of an export. */
export const ExportQuery = Type.Object({ format: Type.Optional(Format) }, closed);

/** The answer of an export, in either format; sent by `sendRows`. */
export const Exported = {
  description: 'Every row, as a file',
  content: {
    'text/csv': { schema: Type.Unsafe<Readable>({ description: 'Records of RFC 4180, the first with the names' }) },
    'application/x-ndjson': { schema: Type.Unsafe<Readable>({ description: 'One JSON object a line' }) },
  },
};
