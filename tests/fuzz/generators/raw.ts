import fc, { type Arbitrary } from 'fast-check';
import { WIRE_CASES } from '../corpora/wire.ts';
import type { Operation } from '../document.ts';
import { UNKNOWN_ID } from '../fixtures.ts';

/** Bytes for a socket of their own; they may be no request at all. */
export interface RawStep {
  kind: 'raw';
  name: string;
  /** latin1, with place holders for tokens. */
  text: string;
  half_close: boolean;
  /** No part of it may be carried out: every answer is a refusal. */
  refused: boolean;
}

/** Bytes that a mutation puts in. */
const SPLINTERS = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ' ',
  ':',
  '\xff',
  '\x80',
  '\x1f',
  '%',
  '0',
  'Content-Length: 5\r\n',
  '\t',
];

/** A named case of the corpus on some operation's request, or a good request with some bytes changed. */
export function rawStep(operations: readonly Operation[]): Arbitrary<RawStep> {
  return fc.oneof({ weight: 3, arbitrary: namedCase(operations) }, { weight: 2, arbitrary: mutatedBytes(operations) });
}

function namedCase(operations: readonly Operation[]): Arbitrary<RawStep> {
  // A case may turn out to be a good request: only reading ones are sent with a token.
  const reading = operations.filter(({ method }) => method === 'GET');
  const lines = fc.oneof(
    fc.constantFrom(...reading).map((operation) => ({
      line: lineOf(operation),
      authorization: 'Authorization: Bearer {{user}}\r\n',
    })),
    fc.constantFrom(...operations).map((operation) => ({ line: lineOf(operation), authorization: '' })),
  );
  return fc.tuple(fc.constantFrom(...Object.entries(WIRE_CASES)), lines).map(([[name, wire], pieces]) => ({
    kind: 'raw',
    name,
    text: wire.text(pieces),
    half_close: wire.cut === true,
    refused: wire.refused === true,
  }));
}

/** Nobody is logged in here: whatever the bytes become, there is nothing that they may do. */
function mutatedBytes(operations: readonly Operation[]): Arbitrary<RawStep> {
  const secured = operations.filter(({ access }) => access !== 'public');
  const base = fc.constantFrom(...secured).map((operation) => {
    const body = operation.method === 'GET' ? '' : '{"title":"a"}';
    const length = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    return `${lineOf(operation)} HTTP/1.1\r\nHost: 127.0.0.1\r\n${length}\r\n${body}`;
  });
  const change = fc.record({ at: fc.nat(400), length: fc.nat(12), splinter: fc.constantFrom('', ...SPLINTERS) });
  return fc.tuple(base, fc.array(change, { minLength: 1, maxLength: 4 })).map(([text, changes]) => ({
    kind: 'raw',
    name: 'mutated bytes',
    text: changes.reduce(applyChange, text),
    half_close: true,
    refused: false,
  }));
}

function applyChange(text: string, { at, length, splinter }: { at: number; length: number; splinter: string }): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + splinter + text.slice(start + length);
}

function lineOf({ method, path }: Operation): string {
  return `${method} ${path.replace(/\{\w+\}/g, UNKNOWN_ID)}`;
}
