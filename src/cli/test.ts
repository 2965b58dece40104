import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { changedFiles, testsOf } from './test/changed.ts';

const ROOT = join(import.meta.dirname, '../..');

/** With more failed files the change is at fault, not a busy machine. */
const MAX_DOUBTED_FILES = 3;
/** A test that fails in every third run is found with four in five. */
const DOUBTED_RUNS = 3;

/** Which files run if none is named; `tests/tiers.ts` says which they are. */
interface Choice {
  all?: true;
  rest?: true;
  kit?: true;
  changed?: string | true;
  doubt?: true;
  short?: true;
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
    .option(
      '--doubt',
      `run up to ${MAX_DOUBTED_FILES} failed files ${DOUBTED_RUNS} times more, alone; all must pass then`,
    )
    .option('--short', 'of the longest tests a part: every few cases of a table')
    .allowUnknownOption()
    .action(async (args: string[], { changed, doubt, short, ...choice }: Choice) => {
      const tier = isNamed(args) ? '' : (Object.keys(choice)[0] ?? 'change');
      const form = short ? { BACK_TESTS_SHORT: 'true' } : {};
      const run = (args: string[], env: Record<string, string>) =>
        (doubt ? runInDoubt : runVitest)(args, { ...form, ...env });
      if (changed === undefined) return run(['run', ...args], { BACK_TESTS: tier });
      const files = changedFiles(ROOT, changed === true ? 'HEAD' : changed);
      if (files.length === 0) {
        console.log('Nothing has changed: no test runs');
        return;
      }
      const tests = testsOf(files, ROOT);
      const also = files.filter((path) => path.endsWith('.test.ts')).join();
      const what = tests === 'all' ? ['run'] : ['related', '--run', '--passWithNoTests', ...files, ...tests];
      return run([...what, ...args], { BACK_TESTS: tier, BACK_TESTS_ALSO: also });
    });
}

/** True if an argument names files. The value of an option has no slash, or stands behind the first argument. */
function isNamed([first = '-', ...others]: readonly string[]): boolean {
  return !first.startsWith('-') || others.some((arg) => !arg.startsWith('-') && arg.includes('/'));
}

/** A second look at what failed, for a machine that others use too. It names the files: each is a test to be mended. */
async function runInDoubt(args: readonly string[], env: Record<string, string>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'back-doubt-'));
  const list = join(directory, 'failed');
  try {
    await runVitest(args, { ...env, BACK_TESTS_FAILED: list });
    const files = process.exitCode === 0 ? [] : failedIn(list);
    if (files.length === 0 || files.length > MAX_DOUBTED_FILES) return;
    console.log(`\nFailed, and run ${DOUBTED_RUNS} times more, alone: ${files.join(', ')}\n`);
    for (let run = 0; run < DOUBTED_RUNS; run++) {
      await runVitest(['run', ...files], { ...env, BACK_TESTS: '' });
      if (process.exitCode !== 0) return;
    }
    console.log(`\nUnsteady: passed ${DOUBTED_RUNS} times after a failure. To be mended: ${files.join(', ')}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function failedIn(list: string): string[] {
  try {
    return readFileSync(list, 'utf8').split('\n').filter(Boolean);
  } catch {
    return []; // The run did not get so far.
  }
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
