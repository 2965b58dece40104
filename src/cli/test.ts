import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Command } from 'commander';

const ROOT = join(import.meta.dirname, '../..');

/** `back test`, `npm test`: vitest on the project's own Node, and a last line that a script can read. */
export function registerTest(program: Command): void {
  program
    .command('test')
    .description('run the tests on a throw-away PostgreSQL; arguments go to vitest')
    .argument('[arguments...]')
    .allowUnknownOption()
    .action(async (args: string[]) => {
      const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
      const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'tests/helpers/closing-line.ts')}`];
      const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], { cwd: ROOT, stdio: 'inherit' });
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
      const [code] = await once(child, 'exit');
      process.exitCode = code ?? 1;
    });
}
