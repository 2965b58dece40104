import { globSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** What surrounds the API (commands, packages, faults, a browser), and single files that take long. */
const LONG = /^tests\/(bench|cli|client|devdb|doctor|e2e|faults|fuzz|migrate|web)\/|\.long\.test\.ts$/;

/** What holds for the kit alone: a product has texts and a deployment of its own. */
const KIT = /^tests\/(deploy|docs|kit)\//;

/** They need an engine and some minutes: npm run test:images. */
const NEVER = /^tests\/images\//;

/** The tests of a run, by the name that `back test` gives it. */
const TIERS: Record<string, (path: string) => boolean> = {
  change: (path) => !LONG.test(path) && !KIT.test(path),
  rest: (path) => LONG.test(path) && !KIT.test(path),
  all: (path) => !KIT.test(path),
  kit: (path) => KIT.test(path),
};

/** The test files of a tier, and some that run in any case; without a tier all, of which the arguments name some. */
export function testFiles(tier = '', also: readonly string[] = []): string[] {
  const isChosen = TIERS[tier] ?? (() => true);
  return globSync('tests/**/*.test.ts', { cwd: ROOT })
    .filter((path) => !NEVER.test(path) && (isChosen(path) || also.includes(path)))
    .sort();
}
