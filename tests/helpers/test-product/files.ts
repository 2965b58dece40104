import type { FilePurposes } from '../../../src/app/utils/file-purposes.ts';

/** What the tests' product takes. */
export const PURPOSES = {
  cover: { types: ['image/png', 'image/jpeg'], max_bytes: 100_000, per_account: 3 },
  paper: {
    types: ['application/pdf', 'image/svg+xml', 'text/html', 'text/plain'],
    max_bytes: 300_000_000,
    per_account: 1000,
  },
} as const satisfies FilePurposes;
