import { fillIn } from './generators/encoding.ts';
import type { HttpStep, Step } from './generators/steps.ts';

type Tokens = Readonly<Record<string, string>>;

/** The bytes of a step, with the run's tokens in their places. */
export function toBytes(step: Step, tokens: Tokens): Buffer {
  if (step.kind === 'raw') return Buffer.from(fillIn(step.text, tokens), 'latin1');
  const body = bodyBytes(step, tokens);
  const lines = headersOf(step, body).map(([name, value]) => `${name}: ${fillIn(value, tokens)}\r\n`);
  const head = `${step.method} ${fillIn(step.target, tokens)} HTTP/1.1\r\n${lines.join('')}\r\n`;
  return body === undefined ? Buffer.from(head, 'latin1') : Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** A step as a command for a shell: a curl line, or the bytes for a bare socket. */
export function toCommand(step: Step, { port, tokens }: { port: number; tokens: Tokens }): string {
  if (step.kind === 'raw') return `printf ${quoted(toBytes(step, tokens)).slice(1)} | nc 127.0.0.1 ${port}`;
  const body = bodyBytes(step, tokens);
  const headers = headersOf(step, body).filter(([name]) => !/^(content-length|host)$/i.test(name));
  const options = headers.map(
    ([name, value]) => `-H ${quoted(Buffer.from(`${name}: ${fillIn(value, tokens)}`, 'latin1'))}`,
  );
  const method = step.method === 'HEAD' ? '--head' : `-X ${step.method}`;
  const data = body === undefined ? [] : [`--data-binary ${quoted(body)}`];
  const url = quoted(Buffer.from(`http://127.0.0.1:${port}${fillIn(step.target, tokens)}`, 'latin1'));
  return ['curl -i --path-as-is -g', method, ...options, ...data, url].join(' ');
}

function bodyBytes({ body }: HttpStep, tokens: Tokens): Buffer | undefined {
  if (body === undefined || !body.bytes.includes('{{')) return body?.bytes;
  return Buffer.from(fillIn(body.bytes.toString('latin1'), tokens), 'latin1');
}

function headersOf({ caller, headers, body }: HttpStep, bytes: Buffer | undefined): (readonly [string, string])[] {
  const hasHost = headers.some(([name]) => name === 'Host');
  const own = [...caller.headers, ...headers, ...(body?.headers ?? [])];
  return [
    ...(hasHost ? [] : [['Host', '127.0.0.1'] as const]),
    ...own,
    ...(body?.media_type === undefined ? [] : [['Content-Type', body.media_type] as const]),
    ...(bytes === undefined ? [] : [['Content-Length', String(bytes.length)] as const]),
  ];
}

const MAX_SHOWN = 4000;

/** ANSI-C quoting; without its first sign it is a format that printf writes byte for byte. */
function quoted(bytes: Buffer): string {
  const shown = bytes.subarray(0, MAX_SHOWN);
  const text = Array.from(shown, (byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && ![0x25, 0x27, 0x5c].includes(byte);
    return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }).join('');
  return `$'${text}'${bytes.length > MAX_SHOWN ? ` # … ${bytes.length} bytes in all` : ''}`;
}
