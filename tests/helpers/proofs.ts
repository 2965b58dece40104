import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TESTS = join(import.meta.dirname, '..');

/** A test as the pages of `docs` name it: its file beneath `tests` without `.test.ts` or `.long.test.ts`, and its title as the source has it. */
export interface Proof {
  file: string;
  title: string;
}

/** The tests that a table's cell names, each as `file` › title, parted by `<br>`. */
export function proofsIn(text: string): Proof[] {
  return [...text.matchAll(/`([\w./-]+)` › (.+?)(?=<br>|$)/g)].map(([, file = '', title = '']) => ({ file, title }));
}

/** The test's file beneath the project's root. */
export function pathOf({ file }: Pick<Proof, 'file'>): string {
  const long = `tests/${file}.long.test.ts`;
  return existsSync(join(TESTS, '..', long)) ? long : `tests/${file}.test.ts`;
}

/** True where a test file has the title in quotes, as it is written there. */
export function isProven({ file, title }: Proof): boolean {
  const path = join(TESTS, '..', pathOf({ file }));
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8').replace(/\\(['"`])/g, '$1');
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`));
}
