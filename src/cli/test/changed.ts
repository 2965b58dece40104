import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../ui/errors.ts';

/** A change of one of these may change what any test does. */
const EVERYTHING = /^(package(-lock)?\.json|tsconfig\.json|vitest\.config\.ts|tests\/helpers\/global-setup\.ts)$/;

/** Tests that read or start a file instead of importing it. `$1` is what the pattern found. */
const READERS: [file: RegExp, tests: string][] = [
  [/^(src|packages|tests|bench)\//, 'tests/architecture.test.ts'],
  [/^src\/(.+)\.ts$/, 'tests/$1{,.*}.test.ts'],
  [/^src\/(.+)\/[^/]+\.ts$/, 'tests/$1{,.*}.test.ts'],
  [/^packages\/(\w+)\//, 'tests/$1/*.test.ts'],
  [/^(migrations\/|src\/app\/models\/)/, 'tests/migrations.test.ts'],
  [/^docs\/|\.md$/, 'tests/{architecture.test.ts,docs/*.test.ts}'],
  [/^deploy\//, 'tests/deploy/*.test.ts'],
];

/** The files that differ from the commit, those included that git does not know yet. */
export function changedFiles(root: string, commit: string): string[] {
  const tracked = git(root, ['diff', '--name-only', '--relative', commit, '--']);
  const untracked = git(root, ['ls-files', '--others', '--exclude-standard']);
  return [...new Set([...tracked, ...untracked])].filter((path) => existsSync(join(root, path)));
}

/** The tests of the files beside those that import them; `all` if a file concerns every test. */
export function testsOf(files: readonly string[], root: string): string[] | 'all' {
  if (files.some((path) => EVERYTHING.test(path))) return 'all';
  const patterns = files.flatMap((path) =>
    READERS.flatMap(([file, tests]) => {
      const found = file.exec(path);
      return found === null ? [] : [tests.replace('$1', found[1] ?? '')];
    }),
  );
  const own = files.filter((path) => path.endsWith('.test.ts'));
  return [...new Set([...own, ...globSync(patterns, { cwd: root })])].sort();
}

function git(root: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0)
    // Behind its first line git explains its options.
    throw new CommandError(`git does not say what has changed: ${stderr?.split('\n')[0] || 'it is not installed'}`);
  return stdout.split('\n').filter((path) => path !== '');
}
