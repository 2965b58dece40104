/** What a raw case is made from: the pieces of one good request. */
export interface Pieces {
  /** `GET /kit-notes` */
  line: string;
  authorization: string;
}

export interface WireCase {
  /** `text` is latin1, with place holders for tokens. */
  text: (pieces: Pieces) => string;
  /** The bytes stop in the middle: the client closes its side. */
  cut?: true;
  /** No part of it may be carried out. */
  refused?: true;
}

/** A request that must never be seen: it hides behind another one. */
const HIDDEN =
  'POST /kit-notes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {{user}}\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{"title":"hidden!"}';
const HIDDEN_SIZE = HIDDEN.length;
const CREATE =
  'POST /kit-notes HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {{user}}\r\nContent-Type: application/json\r\n';
const BODY = '{"title":"a"}';

const start = ({ line, authorization }: Pieces): string => `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}`;
const withHeader = (header: string): WireCase => ({ text: (pieces) => `${start(pieces)}${header}\r\n\r\n` });
const refusedHeader = (header: string): WireCase => ({ ...withHeader(header), refused: true });
const withBody = (headers: string, body: string): WireCase => ({ text: () => `${CREATE}${headers}\r\n\r\n${body}` });
const refusedBody = (headers: string, body: string): WireCase => ({ ...withBody(headers, body), refused: true });
const cutBody = (headers: string, body: string): WireCase => ({ ...refusedBody(headers, body), cut: true });
const firstLine = (line: (line: string) => string): WireCase => ({
  text: ({ line: good, authorization }) => `${line(good)}\r\nHost: 127.0.0.1\r\n${authorization}\r\n`,
});
const refusedLine = (line: (line: string) => string): WireCase => ({ ...firstLine(line), refused: true });

/** Bytes at the edge of HTTP/1.1 (RFC 9112) and beyond it, by name. */
export const WIRE_CASES: Readonly<Record<string, WireCase>> = {
  'smuggling: length and chunks': refusedBody(
    `Content-Length: ${HIDDEN_SIZE + 5}\r\nTransfer-Encoding: chunked`,
    `0\r\n\r\n${HIDDEN}`,
  ),
  'smuggling: chunks and length': refusedBody(`Transfer-Encoding: chunked\r\nContent-Length: 4`, `0\r\n\r\n${HIDDEN}`),
  'smuggling: two lengths': refusedBody(`Content-Length: 13\r\nContent-Length: ${13 + HIDDEN_SIZE}`, BODY + HIDDEN),
  'smuggling: list of lengths': refusedBody('Content-Length: 13, 13', BODY + HIDDEN),
  'smuggling: two codings': refusedBody(
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    `0\r\n\r\n${HIDDEN}`,
  ),
  'smuggling: coding before chunked': refusedBody('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'),
  'smuggling: coding after chunked': refusedBody('Transfer-Encoding: chunked, gzip', `0\r\n\r\n${HIDDEN}`),
  'smuggling: unknown coding': refusedBody('Transfer-Encoding: xchunked', `0\r\n\r\n${HIDDEN}`),
  'smuggling: tab before chunked': refusedBody('Transfer-Encoding:\x0bchunked', `0\r\n\r\n${HIDDEN}`),
  'smuggling: space before the colon': refusedBody('Transfer-Encoding : chunked', `0\r\n\r\n${HIDDEN}`),
  'smuggling: folded coding': refusedBody(
    'X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 13',
    `0\r\n\r\n${HIDDEN}`,
  ),
  'smuggling: line feed in a header': refusedBody('X: y\nTransfer-Encoding: chunked', `0\r\n\r\n${HIDDEN}`),
  'smuggling: carriage return in a header': refusedBody('X: y\rTransfer-Encoding: chunked\r\nContent-Length: 13', BODY),
  'smuggling: chunk size with a sign': refusedBody('Transfer-Encoding: chunked', `+d\r\n${BODY}\r\n0\r\n\r\n${HIDDEN}`),
  'smuggling: hexadecimal prefix': refusedBody('Transfer-Encoding: chunked', `0xd\r\n${BODY}\r\n0\r\n\r\n${HIDDEN}`),
  'smuggling: chunk longer than it says': refusedBody(
    'Transfer-Encoding: chunked',
    `5\r\n${BODY}\r\n0\r\n\r\n${HIDDEN}`,
  ),
  'smuggling: line feed ends a chunk': refusedBody('Transfer-Encoding: chunked', `d\n${BODY}\n0\n\n${HIDDEN}`),
  'smuggling: line feed in an extension': refusedBody(
    'Transfer-Encoding: chunked',
    `d;a\nb\r\n${BODY}\r\n0\r\n\r\n${HIDDEN}`,
  ),
  'smuggling: length with a sign': refusedBody('Content-Length: +13', BODY + HIDDEN),
  'smuggling: negative length': refusedBody('Content-Length: -1', BODY),
  'smuggling: length in hexadecimal': refusedBody('Content-Length: 0x0d', BODY),
  'smuggling: length with a space': refusedBody('Content-Length: 1 3', BODY),
  'smuggling: length beyond 64 bits': refusedBody('Content-Length: 18446744073709551629', BODY),
  'chunks: huge size': refusedBody('Transfer-Encoding: chunked', 'ffffffffffffffffff\r\na'),
  'chunks: more than the limit says': cutBody('Transfer-Encoding: chunked', '7fffffff\r\na'.padEnd(2000, 'a')),
  'chunks: extension of 40 kB': refusedBody(
    'Transfer-Encoding: chunked',
    `d;${'a'.repeat(40_000)}\r\n${BODY}\r\n0\r\n\r\n`,
  ),
  'chunks: 3000 extensions': refusedBody(
    'Transfer-Encoding: chunked',
    `${'1;aaaaaaaaaa\r\n \r\n'.repeat(3000)}0\r\n\r\n`,
  ),
  'chunks: no size': refusedBody('Transfer-Encoding: chunked', `\r\n${BODY}\r\n0\r\n\r\n`),
  'chunks: a byte each': withBody(
    'Transfer-Encoding: chunked',
    `${[...BODY].map((one) => `1\r\n${one}\r\n`).join('')}0\r\n\r\n`,
  ),
  'chunks: trailers': withBody(
    'Transfer-Encoding: chunked',
    `d\r\n${BODY}\r\n0\r\nContent-Length: 5\r\nAuthorization: x\r\n\r\n`,
  ),
  'chunks: 40 kB of trailers': refusedBody(
    'Transfer-Encoding: chunked',
    `d\r\n${BODY}\r\n0\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
  ),
  'chunks: none after the first': cutBody('Transfer-Encoding: chunked', `d\r\n${BODY}\r\n`),
  'body: shorter than its length': cutBody('Content-Length: 50', BODY),
  'body: none': cutBody('Content-Length: 13', ''),
  'body: two gigabytes announced': cutBody('Content-Length: 2147483648', BODY),
  'body: more follows': { text: () => `${CREATE}Content-Length: 13\r\n\r\n${BODY}garbage\r\n\r\n` },
  'head: cut in the first line': { text: ({ line }) => line, cut: true, refused: true },
  'head: cut in a header': { text: (pieces) => `${start(pieces)}X-Cut: a`, cut: true, refused: true },
  'head: cut before its end': { text: (pieces) => `${start(pieces)}\r`, cut: true, refused: true },
  'head: nothing at all': { text: () => '', cut: true, refused: true },
  'head: an empty line': { text: () => '\r\n', cut: true, refused: true },
  'head: empty lines first': { text: (pieces) => `\r\n\r\n${start(pieces)}\r\n` },
  'head: line feeds alone': { text: (pieces) => `${start(pieces)}\r\n`.replaceAll('\r\n', '\n'), refused: true },
  'head: carriage returns alone': {
    text: (pieces) => `${start(pieces)}\r\n`.replaceAll('\r\n', '\r'),
    cut: true,
    refused: true,
  },
  'line: no version': refusedLine((line) => line),
  'line: HTTP/0.9': refusedLine((line) => `${line} HTTP/0.9`),
  'line: HTTP/1.0': firstLine((line) => `${line} HTTP/1.0`),
  'line: HTTP/1.2': refusedLine((line) => `${line} HTTP/1.2`),
  'line: HTTP/2.0': refusedLine((line) => `${line} HTTP/2.0`),
  'line: HTTP/11.1': refusedLine((line) => `${line} HTTP/11.1`),
  'line: another protocol': firstLine((line) => `${line} RTSP/1.0`),
  'line: lower case': refusedLine((line) => `${line.toLowerCase()} http/1.1`),
  'line: two spaces': firstLine((line) => `${line.replace(' ', '  ')} HTTP/1.1`),
  'line: space in the target': refusedLine((line) => `${line} x HTTP/1.1`),
  'line: NUL in the target': refusedLine((line) => `${line}\0 HTTP/1.1`),
  'line: bytes that are no UTF-8': refusedLine((line) => `${line}\xff\xfe\xc0\xa7 HTTP/1.1`),
  'line: tab': refusedLine((line) => `${line.replace(' ', '\t')}\tHTTP/1.1`),
  'line: unknown method': refusedLine((line) => `FOO${line.slice(line.indexOf(' '))} HTTP/1.1`),
  'line: method of 20 kB': refusedLine((line) => `${'A'.repeat(20_000)}${line.slice(line.indexOf(' '))} HTTP/1.1`),
  'line: CONNECT': { text: () => 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n', refused: true },
  'line: PRI': { text: () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', refused: true },
  'line: asterisk': { text: () => 'OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' },
  'line: absolute target': refusedLine((line) => `${line.replace(' ', ' http://evil.example')} HTTP/1.1`),
  'line: target without a slash': refusedLine((line) => `${line.replace(' /', ' ')} HTTP/1.1`),
  'line: target of 20 kB': refusedLine((line) => `${line}?${'a'.repeat(20_000)} HTTP/1.1`),
  'line: fragment': firstLine((line) => `${line}#fragment HTTP/1.1`),
  'host: none': { text: ({ line, authorization }) => `${line} HTTP/1.1\r\n${authorization}\r\n`, refused: true },
  'host: two': refusedHeader('Host: evil.example\r\n'.trimEnd()),
  'header: NUL in a value': refusedHeader('X-Nul: a\0b'),
  'header: control in a value': refusedHeader('X-Control: a\x01b'),
  'header: no colon': refusedHeader('X-No-Colon'),
  'header: no name': refusedHeader(': a'),
  'header: space in a name': refusedHeader('X Space: a'),
  'header: bytes in a name': refusedHeader('X-\xff: a'),
  'header: folded': refusedHeader('X-Folded: a\r\n b'),
  'header: carriage return in a value': refusedHeader('X-Cr: a\rb'),
  'header: 17 kB': refusedHeader(`X-Long: ${'a'.repeat(17_000)}`),
  'header: obs-text': withHeader('X-Latin: \x80\xff'),
  'header: expectation that nobody knows': withHeader('Expect: the-unexpected'),
  'header: two expectations': withHeader('Expect: 100-continue, the-unexpected'),
  'header: upgrade': withHeader('Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__'),
  'header: web socket': withHeader(
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ),
  'another protocol: TLS': {
    text: () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(120, '\x55'),
    cut: true,
    refused: true,
  },
  'another protocol: SSH': { text: () => 'SSH-2.0-OpenSSH_9.6\r\n', cut: true, refused: true },
  'another protocol: SOCKS': { text: () => '\x05\x01\x00', cut: true, refused: true },
  'another protocol: SMTP': { text: () => 'EHLO example.com\r\n', cut: true, refused: true },
  'another protocol: PROXY': {
    text: (pieces) => `PROXY TCP4 203.0.113.7 127.0.0.1 1 2\r\n${start(pieces)}\r\n`,
    refused: true,
  },
  'pipelined: twenty': { text: (pieces) => `${start(pieces)}\r\n`.repeat(20) },
  'pipelined: a broken one behind a good one': { text: (pieces) => `${start(pieces)}\r\nGARBAGE\r\n\r\n` },
};
