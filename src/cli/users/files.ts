import type { Format } from '../../app/services/admin/user-files.ts';
import { CommandError } from '../ui/errors.ts';

/** The format that is asked for, or that the file's name says. */
export function formatOf(file: string, asked: string | undefined): Format {
  const format = asked ?? /\.(csv|jsonl|ndjson)$/i.exec(file)?.[1]?.toLowerCase().replace('ndjson', 'jsonl');
  if (format === 'csv' || format === 'jsonl') return format;
  throw new CommandError('Give --format csv or --format jsonl; the name of the file does not say');
}
