/** One line of a file, without its LF; `text` is `undefined` where it is not UTF-8 or longer than a line may be. */
export interface Line {
  number: number;
  text: string | undefined;
}

const NEWLINE = 0x0a;
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

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield take();
}

function decode(bytes: Buffer, number: number): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: number !== 1 }).decode(bytes);
  } catch {
    return undefined;
  }
}
