import fc, { type Arbitrary } from 'fast-check';
import { HEADER_BOMBS, HEADER_TRICKS, type Header } from '../corpora/headers.ts';
import type { Operation } from '../document.ts';
import { FLOW_COOKIE } from '../identity-provider.ts';
import { type Body, bodyFor } from './bodies.ts';
import { type Caller, callerFor } from './callers.ts';
import { type RawStep, rawStep } from './raw.ts';
import { targetElsewhere, targetFor } from './targets.ts';

/** A request that HTTP can carry, with place holders where a token goes. */
export interface HttpStep {
  kind: 'http';
  method: string;
  target: string;
  caller: Caller;
  headers: readonly Header[];
  body: Body | undefined;
}

export type Step = HttpStep | RawStep;

/** Operations whose good input costs a bcrypt hash, some hundred times the work of another: they come less often. */
const HASHING = /\/(register|login|token|password)$|^DELETE \/auth\/me$|^POST \/users$/;
const OTHER_METHODS = [
  'HEAD',
  'OPTIONS',
  'PUT',
  'PATCH',
  'DELETE',
  'POST',
  'GET',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'LINK',
];

/** Everything that a batch is made of: each operation, methods and paths that are none, and bytes that are no request. */
export function stepFor(operations: readonly Operation[], forged: readonly string[]): Arbitrary<Step> {
  const perOperation = operations.map((operation) => ({
    weight: HASHING.test(operation.name) ? 10 : 40,
    arbitrary: httpStep(operation, forged),
  }));
  const total = perOperation.reduce((sum, { weight }) => sum + weight, 0);
  return fc.oneof(
    ...perOperation,
    { weight: Math.ceil(total / 25), arbitrary: misrouted(fc.oneof(...perOperation)) },
    { weight: Math.ceil(total / 20), arbitrary: rawStep(operations) },
  );
}

function httpStep(operation: Operation, forged: readonly string[]): Arbitrary<HttpStep> {
  return fc
    .tuple(targetFor(operation), callerFor(operation, forged), headersFor(operation), bodyFor(operation))
    .map(([target, caller, headers, body]) => ({
      kind: 'http',
      method: operation.method,
      target,
      caller,
      headers,
      body,
    }));
}

/** A path with a method that is not its own, or no path at all. */
function misrouted(step: Arbitrary<HttpStep>): Arbitrary<HttpStep> {
  const method = fc.constantFrom(...OTHER_METHODS);
  return fc.oneof(
    fc.tuple(method, step).map(([method, step]) => ({ ...step, method })),
    fc.tuple(method, targetElsewhere(), step).map(([method, target, step]) => ({ ...step, method, target })),
  );
}

/** Whoever comes back from a provider mostly brings the cookie of the sign-in. */
function headersFor({ name }: Operation): Arbitrary<readonly Header[]> {
  if (!name.startsWith('GET /auth/oauth/') || !name.endsWith('/callback')) return extraHeaders();
  return fc.oneof({ weight: 3, arbitrary: fc.constant([FLOW_COOKIE]) }, { weight: 1, arbitrary: extraHeaders() });
}

function extraHeaders(): Arbitrary<readonly Header[]> {
  const trick = fc.constantFrom(...Object.values(HEADER_TRICKS).flat());
  const bomb = fc.constantFrom(...Object.values(HEADER_BOMBS));
  return fc.oneof(
    { weight: 60, arbitrary: fc.constant<readonly Header[]>([]) },
    { weight: 20, arbitrary: fc.array(trick, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: bomb },
  );
}
