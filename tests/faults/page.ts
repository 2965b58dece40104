import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Proof, proofsIn } from '../helpers/proofs.ts';

const PAGE = join(import.meta.dirname, '../../docs/reliability.md');

/** A fault of `docs/reliability.md`, which is the one list of them. */
export interface Fault {
  /** In plain words. */
  fault: string;
  state: string;
  tests: Proof[];
}

/** The rows of the page's tables, as they stand there. */
export function readFaults(): Fault[] {
  const page = readFileSync(PAGE, 'utf8');
  return [...page.matchAll(/^\| ([^|]+) \| (survived|n\/a|not covered) \| (.*) \|$/gm)].map(
    ([, fault = '', state = '', text = '']) => ({ fault, state, tests: proofsIn(text) }),
  );
}
