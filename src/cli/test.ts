import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { changedFiles, testsOf } from './test/changed.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Which files run if none is named; `tests/tiers.ts` says which they are. */
interface Choice {
  all?: true;
  rest?: true;
  kit?: true;
  changed?: string | true;
}

/** `back test`, `npm test`: vitest on the project's own Node, and a last line that a script can read. */
export function registerTest(program: Command): void {
  program
    .command('test')
    .description('run the tests of every change on a throw-away PostgreSQL; arguments go to vitest')
    .argument('[arguments...]', 'files of any kind, and options of vitest')
    .addOption(new Option('--all', 'the long tests too').conflicts(['rest', 'kit']))
    .addOption(new Option('--rest', 'only what a run without options leaves out of --all').conflicts(['kit']))
    .option('--kit', 'only the tests of the kit’s own texts and deployment, which a product replaces')
    .option('--changed [commit]', 'only what the changes since the commit touch; without one, those not committed yet')
    .allowUnknownOption()
    .action(async (args: string[], { changed, ...choice }: Choice) => {
      const tier = isNamed(args) ? '' : (Object.keys(choice)[0] ?? 'change');
      if (changed === undefined) return runVitest(['run', ...args], { BACK_TESTS: tier });
      const files = changedFiles(ROOT, changed === true ? 'HEAD' : changed);
      if (files.length === 0) {
        console.log('Nothing has changed: no test runs');
        return;
      }
      const tests = testsOf(files, ROOT);
      const also = files.filter((path) => path.endsWith('.test.ts')).join();
      const what = tests === 'all' ? ['run'] : ['related', '--run', '--passWithNoTests', ...files, ...tests];
      return runVitest([...what, ...args], { BACK_TESTS: tier, BACK_TESTS_ALSO: also });
    });
}

/** True if an argument names files. The value of an option has no slash, or stands behind the first argument. */
function isNamed([first = '-', ...others]: readonly string[]): boolean {
  return !first.startsWith('-') || others.some((arg) => !arg.startsWith('-') && arg.includes('/'));
}

async function runVitest(args: readonly string[], env: Record<string, string>): Promise<void> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'tests/helpers/closing-line.ts')}`];
  const [command = 'run', ...others] = args;
  const child = spawn(process.execPath, [vitest, command, ...reporters, ...others], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
}
