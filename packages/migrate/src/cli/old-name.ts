import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { OpenQuestion } from '../migrator.ts';

/** Asks at the terminal which old name a new one stands for; `undefined` if it is really new. */
export async function askForOldName({ kind, name, candidates }: OpenQuestion): Promise<string | undefined> {
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    const choices = ['it is new; the old ones go', ...candidates.map((old) => `it is ${old} with a new name`)];
    console.log(`Where does ${kind} ${name} come from?`);
    for (const [index, choice] of choices.entries()) console.log(`  ${index}  ${choice}`);
    for (;;) {
      const answer = (await terminal.question(`0–${candidates.length}: `)).trim();
      if (/^\d+$/.test(answer) && Number(answer) < choices.length) return candidates[Number(answer) - 1];
    }
  } finally {
    terminal.close();
  }
}
