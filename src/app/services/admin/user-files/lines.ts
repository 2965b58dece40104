import { setImmediate as nextTurn } from 'node:timers/promises';

/** One line of a file, without its LF; `text` is `undefined` where it is not UTF-8 or longer than a line may be. */
export interface Line {
  number: number;
  text: string | undefined;
}

const NEWLINE = 0x0a;
/** Others get their turn between two lines after this time. */
const TURN_MS = 20;
/** A byte order mark at the beginning of the file is none of its text. */
const OF_FIRST_LINE = new TextDecoder('utf-8', { fatal: true });
const OF_OTHER_LINES = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const MAX_LINE_BYTES = 1024 * 1024;

/** Splits bytes into lines at LF and nowhere else (a U+2028 is text, and so is the CR of a CRLF); drops the byte order mark. */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const parts: Buffer[] = [];
  let length = 0;
  let number = 1;
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length <= MAX_LINE_BYTES) parts.push(part);
  };
  const take = (): Line => {
    const line = { number, text: length > MAX_LINE_BYTES ? undefined : decode(Buffer.concat(parts), number) };
    parts.length = 0;
    length = 0;
    number++;
    return line;
  };

  let turn = performance.now();
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
      if (performance.now() - turn < TURN_MS) continue;
      await nextTurn();
      turn = performance.now();
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield take();
}

function decode(bytes: Buffer, number: number): string | undefined {
  try {
    return (number === 1 ? OF_FIRST_LINE : OF_OTHER_LINES).decode(bytes);
  } catch {
    return undefined;
  }
}
