import type { RequestContext } from '../../context.ts';
import { currentTrace, renewWait } from '../../observability/trace.ts';
import { AppError } from '../../utils/errors.ts';
import { type Format, readEntries } from './user-files.ts';
import * as userImport from './user-import.ts';
import { FIELD_NAMES } from './user-records.ts';

/** What becomes of the rows of a file, or would become. */
export interface UploadOutcome extends userImport.ImportOutcome {
  /** The names of fields that are not imported, the first ones. */
  ignored: readonly string[];
  /** The rows that are not imported, the first ones, by their lines. */
  rejections: readonly userImport.Rejection[];
  /** The line from which on the rows were not looked at, because the time was over; a second import goes on there. */
  unread_from?: number;
}

const MOST_IGNORED = 50;
const MOST_REJECTIONS = 200;
/** Proxies give an answer up after half a minute or a minute. */
const READING_MS = 20_000;

/** Checks the rows of a file and writes none. Throws validation_failed for a file that cannot be read at all. */
export function preview(ctx: RequestContext, file: { format: Format; content: string }): Promise<UploadOutcome> {
  return read(ctx, { ...file, dry_run: true });
}

/** Imports the rows of a file, as the command does. */
export function store(ctx: RequestContext, file: { format: Format; content: string }): Promise<UploadOutcome> {
  return read(ctx, { ...file, dry_run: false });
}

async function read(
  ctx: RequestContext,
  { format, content, dry_run }: { format: Format; content: string; dry_run: boolean },
): Promise<UploadOutcome> {
  const ignored = new Set<string>();
  const rejections: userImport.Rejection[] = [];
  const entries = readEntries(chunksOf(content), {
    format,
    onNames: (names) => {
      for (const name of names) if (!FIELD_NAMES.has(name) && ignored.size < MOST_IGNORED) ignored.add(name);
    },
    refuse: (msg) => new AppError('validation_failed', { field: 'content', rule: { msg, type: 'value_error' } }),
  });
  const trace = currentTrace();
  const until = performance.now() + READING_MS;
  let unread_from: number | undefined;
  const inTime = async function* (): AsyncGenerator<userImport.Entry> {
    for await (const entry of entries) {
      if (performance.now() > until) {
        unread_from = entry.line;
        return;
      }
      yield entry;
    }
  };
  const outcome = await userImport.importAll(ctx, inTime(), {
    ...{ dry_run, firebase: undefined },
    onRejected: (rejection) => void (rejections.length < MOST_REJECTIONS && rejections.push(rejection)),
    // Each batch has the time of a request.
    onProgress: () => renewWait(trace),
  });
  return { ...outcome, ignored: [...ignored], rejections, ...(unread_from !== undefined && { unread_from }) };
}

async function* chunksOf(content: string): AsyncGenerator<Buffer> {
  yield Buffer.from(content);
}
