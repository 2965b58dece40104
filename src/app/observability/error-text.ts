import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printable } from '../utils/printable.ts';
import type { Paint } from './paint.ts';

/** An error as the log holds it. */
export interface LoggedError {
  type?: string;
  message?: string;
  code?: string;
  stack?: string;
  cause?: unknown;
}

interface Frame {
  text: string;
  file: string;
  line: number;
  /** True if the frame is neither Node's nor a dependency's. */
  isOurs: boolean;
}

const MAX_CAUSES = 4;
/** Lines of source before and after the one that threw. */
const CONTEXT_LINES = 1;
const MAX_SOURCE_WIDTH = 160;

/** The frames of a stack that are printed. */
export type Detail = 'all frames' | 'own frames';

/** The error and its causes: type, message, the source line of the first frame of ours, and the frames. */
export function printError(error: LoggedError, paint: Paint, detail: Detail, depth = 0): string {
  if (depth > MAX_CAUSES || typeof error !== 'object' || error === null) return '';
  const code = error.code === undefined ? '' : ` ${paint.dim(`(${printable(String(error.code))})`)}`;
  const name = `${depth === 0 ? '' : 'caused by '}${error.type ?? 'Error'}`;
  const message = (error.message ?? '').split('\n').map(printable).join('\n      ');
  const frames = framesOf(error);
  const own = frames.find(({ isOurs }) => isOurs);
  return [
    `    ${paint.red(printable(name))}: ${message}${code}\n`,
    own === undefined ? '' : sourceOf(own, paint),
    ...stackLines(frames, paint, detail).map((line) => `      ${line}\n`),
    printError(error.cause as LoggedError, paint, detail, depth + 1),
  ].join('');
}

/** The foreign frames above our first one tell what failed; those below it only tell how Fastify called us. */
function stackLines(frames: readonly Frame[], paint: Paint, detail: Detail): string[] {
  const first = frames.findIndex(({ isOurs }) => isOurs);
  const shown = frames.filter(
    ({ isOurs }, index) => isOurs || (detail === 'all frames' && (first === -1 || index < first)),
  );
  const hidden = frames.length - shown.length;
  const lines = shown.map(({ text, isOurs }) => (isOurs ? text : paint.dim(text)));
  if (detail === 'all frames' && hidden > 0) lines.push(paint.dim(`… ${hidden} more in Node and node_modules`));
  return lines;
}

/** The frames alone: the message that precedes them in the stack may have lines that look like one. */
function framesOf({ stack = '', message = '' }: LoggedError): Frame[] {
  const end = stack.indexOf(message);
  const begin = end === -1 ? 0 : end + message.length;
  return stack
    .slice(begin)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => toFrame(line.trim()));
}

function toFrame(text: string): Frame {
  const [, url = '', line = '0', column = '0'] =
    /(?:\(|at (?:async )?)((?:file:\/\/|\/|node:)[^()]*):(\d+):(\d+)\)?$/.exec(text) ?? [];
  const file = url.startsWith('file://') ? fileURLToPath(url) : url;
  const isOurs = file !== '' && !file.startsWith('node:') && !file.includes('/node_modules/');
  const short = file.startsWith('/') ? relative(process.cwd(), file) : file;
  const place = `${short.startsWith('..') ? file : short}:${line}:${column}`;
  return {
    text: printable(text.replace(`${url}:${line}:${column}`, place)),
    file,
    line: Number(line),
    isOurs,
  };
}

/** The line that threw between its neighbours; empty if the file can no longer be read. */
function sourceOf({ file, line }: Frame, paint: Paint): string {
  const lines = linesOf(file);
  const first = Math.max(1, line - CONTEXT_LINES);
  return lines
    .slice(first - 1, line + CONTEXT_LINES)
    .map((text, index) => {
      const number = first + index;
      const shown = printable(text.slice(0, MAX_SOURCE_WIDTH));
      return `    ${number === line ? paint.red('>') : ' '} ${paint.dim(`${String(number).padStart(4)} │`)} ${shown}\n`;
    })
    .join('');
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
