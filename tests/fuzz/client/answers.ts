/** One answer as it came over the socket. */
export interface Answer {
  status: number;
  /** By lower-case name; a header that came twice has its values joined with a comma. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface Parsed {
  answer: Answer;
  /** How many bytes of the input it takes. */
  length: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');

interface ParseOptions {
  /** The request was a HEAD: its answer has no body. */
  to_head?: boolean;
  /** Nothing follows the bytes. */
  is_closed?: boolean;
}

/** Reads the first answer of a stream; `undefined` while it is not whole. Throws for bytes that are no answer. */
export function parseAnswer(
  bytes: Buffer,
  { to_head = false, is_closed = false }: ParseOptions = {},
): Parsed | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) [\w '-]+$/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error(`not the first line of an answer: ${JSON.stringify(statusLine)}`);
  const start = end + HEAD_END.length;
  if (status < 200) return skipInterim(bytes, start, { to_head, is_closed });
  const headers = readHeaders(lines);
  const isEmpty = to_head || status === 204 || status === 304;
  if (!isEmpty && headers['transfer-encoding'] === 'chunked') {
    const streamed = readChunks(bytes, start);
    return streamed && { answer: { status, headers, body: streamed.body }, length: streamed.end };
  }
  // A client of HTTP/1.0 learns the end of a stream by the close of the connection (RFC 9112 §6.3).
  if (!isEmpty && headers['content-length'] === undefined && headers.connection === 'close')
    return is_closed ? { answer: { status, headers, body: bytes.subarray(start) }, length: bytes.length } : undefined;
  const size = isEmpty ? 0 : bodySize(headers);
  if (bytes.length < start + size) return undefined;
  return { answer: { status, headers, body: bytes.subarray(start, start + size) }, length: start + size };
}

/** `100 Continue` comes before the answer proper (RFC 9110 §15.2). */
function skipInterim(bytes: Buffer, start: number, options: ParseOptions): Parsed | undefined {
  const rest = parseAnswer(bytes.subarray(start), options);
  return rest && { answer: rest.answer, length: start + rest.length };
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value = ''] = /^([\w-]+): ?(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a header: ${JSON.stringify(line)}`);
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return headers;
}

/** A body whose length is known at its end only (RFC 9112 §7.1); `undefined` while it is not whole. */
function readChunks(bytes: Buffer, start: number): { body: Buffer; end: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const line = bytes.toString('latin1', at, lineEnd);
    if (!/^[\da-f]+$/i.test(line)) throw new Error(`not the length of a chunk: ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    const from = lineEnd + 2;
    // No answer of ours has trailers: the last chunk ends with an empty line as the others do.
    if (bytes.length < from + size + 2) return undefined;
    if (bytes.toString('latin1', from + size, from + size + 2) !== '\r\n')
      throw new Error('a chunk that is longer than it says');
    if (size === 0) return { body: Buffer.concat(parts), end: from + 2 };
    parts.push(bytes.subarray(from, from + size));
    at = from + size + 2;
  }
}

function bodySize(headers: Readonly<Record<string, string>>): number {
  const length = headers['content-length'];
  if (length === undefined || !/^\d+$/.test(length)) throw new Error('an answer with a body, but without its length');
  return Number(length);
}
