import { printable } from '../utils/printable.ts';
import { type LoggedError, printError } from './error-text.ts';
import { type Paint, painter } from './paint.ts';

export interface LogTextOptions {
  /** True if the terminal shows colours. */
  colours: boolean;
  /** The terminal's width, as it is now. */
  columns: () => number;
}

/** An entry of the log, as pino writes it. */
type Entry = Readonly<Record<string, unknown>>;

interface RequestEntry extends Entry {
  method: string;
  path: string;
  status: number;
  duration_ms: number;
}

/** Members that every line already shows, or that only a machine needs. */
const UNTOLD = new Set(['level', 'time', 'pid', 'event', 'msg', 'err', 'code', 'request_id', 'trace_id', 'span_id']);
/** Failed requests that are remembered until their second entry, which is not printed again. */
const MAX_FAILED = 1000;
const METHOD_WIDTH = 6;
/** Time, level, method, status and duration with their spaces. */
const OTHER_COLUMNS = 42;
const PATH_WIDTH = { min: 10, max: 48 };

/**
 * Turns JSON lines of the log into lines for a person: time, level, method, path, status and milliseconds of a request, or the
 * sentence of an event. An error follows with its stack and the source line. A request that failed has one line, not two.
 */
export function createLogText({ colours, columns }: LogTextOptions): (line: string) => string {
  const paint = painter(colours);
  const failed = new Set<unknown>();
  return (line) => {
    const entry = JSON.parse(line) as Entry;
    if (entry.event === 'request' && failed.delete(entry.request_id)) return '';
    if (entry.event === 'request.failed') remember(failed, entry.request_id);
    const body = isRequest(entry) ? requestLine(entry, paint, pathWidth(columns())) : eventLine(entry, paint);
    const error =
      entry.err === undefined
        ? ''
        : printError(entry.err as LoggedError, paint, entry.level === 'warn' ? 'own frames' : 'all frames');
    return `${paint.dim(localTime(entry.time))} ${level(entry.level, paint)} ${body}\n${error}`;
  };
}

function remember(failed: Set<unknown>, request_id: unknown): void {
  if (failed.size >= MAX_FAILED) failed.clear();
  failed.add(request_id);
}

function isRequest(entry: Entry): entry is RequestEntry {
  return typeof entry.method === 'string' && typeof entry.path === 'string' && typeof entry.status === 'number';
}

function pathWidth(columns: number): number {
  return Math.min(PATH_WIDTH.max, Math.max(PATH_WIDTH.min, columns - OTHER_COLUMNS));
}

function requestLine(
  { method, path, status, duration_ms, ...entry }: RequestEntry,
  paint: Paint,
  width: number,
): string {
  const took = `${duration_ms < 100 ? duration_ms.toFixed(1) : Math.round(duration_ms)} ms`.padStart(9);
  // The error that follows says more.
  const code = typeof entry.code === 'string' && entry.err === undefined ? `  ${entry.code}` : '';
  return `${paint.bold(printable(method).padEnd(METHOD_WIDTH))} ${printable(path).padEnd(width)} ${paintStatus(status, paint)} ${paint.dim(took)}${code}`;
}

function paintStatus(status: number, paint: Paint): string {
  const text = String(status);
  if (status >= 500) return paint.red(text);
  if (status >= 400) return paint.magenta(text);
  return status >= 300 ? paint.cyan(text) : paint.green(text);
}

function eventLine(entry: Entry, paint: Paint): string {
  const fields = Object.entries(entry)
    .filter(([name]) => !UNTOLD.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const event = typeof entry.event === 'string' ? [entry.event] : [];
  const rest = [...event, ...fields].join(' ');
  const sentence = typeof entry.msg === 'string' ? [printable(entry.msg)] : [];
  return [...sentence, ...(rest === '' ? [] : [paint.dim(printable(rest))])].join('  ');
}

function level(name: unknown, paint: Paint): string {
  const text = String(name).padEnd(5);
  if (name === 'error' || name === 'fatal') return paint.red(text);
  return name === 'warn' ? paint.magenta(text) : paint.dim(text);
}

/** Local time; the JSON has the date and UTC. */
function localTime(time: unknown): string {
  const date = new Date(String(time));
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
