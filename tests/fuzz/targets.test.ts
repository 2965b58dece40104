import fc from 'fast-check';
import { it } from 'vitest';
import type { Operation } from './document.ts';
import { targetElsewhere, targetFor } from './generators/targets.ts';

const operation: Operation = {
  name: 'GET /things/{name}/{id}',
  method: 'GET',
  path: '/things/{name}/{id}',
  parameters: [
    { in: 'path', name: 'name', schema: { type: 'string', minLength: 1, maxLength: 8 } },
    { in: 'path', name: 'id', schema: { type: 'string', format: 'uuid' } },
    { in: 'query', name: 'q', schema: { type: 'string' } },
  ],
  replies: new Map(),
  access: 'public',
};

// A character beyond would go out as one of its bytes, and the answer would be judged as that of another path.
it.each([
  ['an operation', targetFor(operation)],
  ['no operation', targetElsewhere()],
] as const)('sends every target of %s as it stands', (_, targets) => {
  fc.assert(
    fc.property(targets, (target) => /^\/[\x21-\x7e]*$/.test(target)),
    { numRuns: 2000 },
  );
});
