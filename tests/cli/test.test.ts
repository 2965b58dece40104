import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testsOf } from '../../src/cli/test/changed.ts';
import { start } from '../helpers/processes.ts';
import { cleanEnvironment, cloneProject } from '../helpers/project.ts';
import { testFiles } from '../tiers.ts';

const ROOT = join(import.meta.dirname, '../..');
const HELPERS = join(import.meta.dirname, '../helpers');
const FILES = {
  'vitest.config.ts': `import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { include: ['tests/**/*.test.ts'] } });`,
  'no-server.config.ts': `import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { globalSetup: ['tests/setup.ts'] } });`,
  'tests/setup.ts': `export const setup = () => { throw new Error('no server'); };`,
  'tests/good.test.ts': `import { expect, it } from 'vitest';
it('adds', () => expect(1 + 1).toBe(2));
it('subtracts', () => expect(1 - 1).toBe(0));`,
  'tests/bad.test.ts': `import { expect, it } from 'vitest';
it('multiplies', () => expect(2 * 2).toBe(5));`,
  'tests/skipped.test.ts': `import { it } from 'vitest';
it.skip('waits', () => {});
it.todo('comes later');`,
  'tests/broken.test.ts': `import { nothing } from './absent.ts';
nothing();`,
  'tests/loose.test.ts': `import { it } from 'vitest';
it('passes', () => void Promise.reject(new Error('nobody catches this')));`,
};

let clone: ReturnType<typeof cloneProject>;

beforeAll(() => {
  clone = cloneProject();
  mkdirSync(join(clone.root, 'tests/helpers'), { recursive: true });
  cpSync(join(HELPERS, 'closing-line.ts'), join(clone.root, 'tests/helpers/closing-line.ts'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(clone.root, name), text);
});

afterAll(() => clone.remove());

async function backTest(
  ...args: string[]
): Promise<{ code: number | string; last: string | undefined; output: string }> {
  // Both outputs in one pipe, as in a terminal: of two the order would be chance.
  const { ended, output } = start('sh', ['-c', 'exec "$0" bin/back.js test "$@" 2>&1', process.execPath, ...args], {
    cwd: clone.root,
    env: cleanEnvironment(),
  });
  const code = await ended;
  return { code, last: output().trimEnd().split('\n').at(-1), output: output() };
}

describe('back test', () => {
  it.each([
    ['what passed', ['good'], 0, '2 passed, 0 failed'],
    ['what failed', ['good', 'bad'], 1, '2 passed, 1 failed'],
    ['what was skipped or is still to be written', ['good', 'skipped'], 0, '2 passed, 0 failed, 2 skipped'],
    ['a file that cannot be loaded as failed', ['good', 'broken'], 1, '2 passed, 1 failed'],
    ['an error that no test caught as failed', ['loose'], 1, '1 passed, 1 failed'],
    ['nothing where no file matches, as a failure', ['absent'], 1, '0 passed, 1 failed'],
  ])('ends with one line that counts %s', async (_title, files, code, line) => {
    expect(await backTest(...files.map((name) => `tests/${name}.test.ts`))).toMatchObject({ code, last: line });
  });

  it('counts a setup that fails as failed', async () => {
    expect(await backTest('tests/good.test.ts', '--config', 'no-server.config.ts')).toMatchObject({
      code: 1,
      last: '0 passed, 1 failed',
    });
  });

  it('passes options on to vitest', async () => {
    expect(await backTest('tests/good.test.ts', '-t', 'adds')).toMatchObject({
      code: 0,
      last: '1 passed, 0 failed, 1 skipped',
    });
  });

  it('names the slowest ten files of a run of more', async () => {
    for (let n = 0; n < 12; n++)
      writeFileSync(join(clone.root, `tests/many-${n}.test.ts`), FILES['tests/good.test.ts'] ?? '');
    const { output, last } = await backTest('tests/many');
    expect(last).toBe('24 passed, 0 failed');
    const [, named = ''] = output.split('The slowest files:\n');
    expect(named.match(/^ +\d+\.\d s {2}tests\/many-\d+\.test\.ts$/gm)).toHaveLength(10);
    expect((await backTest('tests/good.test.ts')).output).not.toContain('slowest');
  });
});

describe('back test --doubt', () => {
  const first = (runs: number): string => `import { appendFileSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
it('fails ${runs} times', () => {
  appendFileSync('runs', '.');
  expect(readFileSync('runs', 'utf8').length).toBeGreaterThan(${runs});
});`;

  it.each([
    ['passes a file that passes three times after a failure, and names it', 1, 0, 4],
    ['fails with a file that fails once more', 2, 1, 2],
  ])('%s', async (_title, failures, code, runs) => {
    rmSync(join(clone.root, 'runs'), { force: true });
    writeFileSync(join(clone.root, 'tests/unsteady.test.ts'), first(failures));
    const answer = await backTest('--doubt', 'tests/unsteady.test.ts', 'tests/good.test.ts');
    expect(answer.code).toBe(code);
    expect(answer.output.includes('To be mended: tests/unsteady.test.ts')).toBe(code === 0);
    expect(readFileSync(join(clone.root, 'runs'), 'utf8')).toHaveLength(runs);
  });

  it('believes a run that fails without a file of its own, or with many files', async () => {
    for (let n = 0; n < 4; n++)
      writeFileSync(join(clone.root, `tests/wrong-${n}.test.ts`), FILES['tests/bad.test.ts'] ?? '');
    for (const files of ['tests/wrong', 'tests/loose.test.ts', 'tests/absent.test.ts']) {
      const { code, output } = await backTest('--doubt', files);
      expect(code).toBe(1);
      expect(output).not.toContain('times more');
    }
  });
});

describe('back test --short', () => {
  it('runs every few cases of a long table, in a second look too', async () => {
    cpSync(join(HELPERS, 'short-form.ts'), join(clone.root, 'tests/helpers/short-form.ts'));
    const table = `import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { casesOf } from './helpers/short-form.ts';
it.each(casesOf([0, 1, 2, 3, 4, 5, 6], 3, 1))('case %i', (n) => {
  appendFileSync('cases', String(n));
  expect(process.env.FAILING).toBe(undefined);
});`;
    writeFileSync(join(clone.root, 'tests/table.test.ts'), table);
    expect(await backTest('tests/table.test.ts')).toMatchObject({ code: 0, last: '7 passed, 0 failed' });
    rmSync(join(clone.root, 'cases'));
    expect(await backTest('--short', 'tests/table.test.ts')).toMatchObject({ code: 0, last: '2 passed, 0 failed' });
    expect(readFileSync(join(clone.root, 'cases'), 'utf8')).toBe('14');
    rmSync(join(clone.root, 'cases'));
    writeFileSync(join(clone.root, 'tests/table.test.ts'), table.replace('undefined', "'never'"));
    expect((await backTest('--short', '--doubt', 'tests/table.test.ts')).code).toBe(1);
    expect(readFileSync(join(clone.root, 'cases'), 'utf8')).toBe('1414');
  });
});

describe('back test --changed', () => {
  const git = (...args: string[]) => {
    const { status, stderr } = spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: clone.root,
    });
    expect([status, String(stderr)]).toEqual([0, '']);
  };

  it('runs what imports a changed file, and a changed test; without a change nothing', async () => {
    expect(await backTest('--changed')).toMatchObject({ code: 1, last: expect.stringMatching(/^git does not say/) });
    const write = (name: string, text: string): void => writeFileSync(join(clone.root, name), text);
    write('sum.ts', 'export const sum = 2;');
    write(
      'tests/sum.test.ts',
      "import { expect, it } from 'vitest';\nimport { sum } from '../sum.ts';\nit('is 2', () => expect(sum).toBe(2));",
    );
    rmSync(join(clone.root, 'tests/broken.test.ts'));
    git('init', '--quiet');
    write('.gitignore', 'node_modules');
    git('add', '.');
    git('commit', '--quiet', '--message', 'all');
    expect(await backTest('--changed')).toMatchObject({ code: 0, last: 'Nothing has changed: no test runs' });
    write('sum.ts', 'export const sum = 1 + 1;');
    expect(await backTest('--changed')).toMatchObject({ code: 0, last: '1 passed, 0 failed' });
    write('tests/new.test.ts', FILES['tests/good.test.ts'] ?? '');
    expect(await backTest('--changed')).toMatchObject({ code: 0, last: '3 passed, 0 failed' });
    expect(await backTest('--changed', 'HEAD~0', '-t', 'adds')).toMatchObject({
      code: 0,
      last: '1 passed, 0 failed, 2 skipped',
    });
  });

  it.each([
    ['src/cli/keys.ts', 'tests/cli/keys.test.ts'],
    ['src/app/keys/files.ts', 'tests/app/keys/files.test.ts'],
    ['src/app/services/auth/limits/redis.ts', 'tests/app/services/auth/limits.long.test.ts'],
    ['src/app/routes/index.ts', 'tests/architecture.test.ts'],
    ['packages/devdb/src/index.ts', 'tests/devdb/probe.test.ts'],
    ['docs/README.md', 'tests/docs/prose.test.ts'],
    ['deploy/compose.yaml', 'tests/deploy/manifests.test.ts'],
    ['migrations/versions/x/upgrade.sql', 'tests/migrations.test.ts'],
    ['tests/faults/clocks.test.ts', 'tests/faults/clocks.test.ts'],
  ])('counts for %s, which its tests may read or start: %s', (file, test) => {
    expect(testsOf([file], ROOT)).toContain(test);
  });

  it('runs all where the packages or the common setup differ', () => {
    expect(testsOf(['src/app/app.ts', 'package-lock.json'], ROOT)).toBe('all');
  });
});

describe('the tiers', () => {
  const tiers = ['change', 'rest', 'kit'] as const;

  it('have each test once, and test:all is the first two', () => {
    const [change, rest, kit] = tiers.map((tier) => testFiles(tier));
    expect([...(change ?? []), ...(rest ?? []), ...(kit ?? [])].sort()).toEqual(testFiles());
    expect([...(change ?? []), ...(rest ?? [])].sort()).toEqual(testFiles('all'));
    for (const files of [change, rest, kit]) expect(files?.length).toBeGreaterThan(10);
  });

  it('are run once each by .ci/run', () => {
    const lines = readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n');
    expect(lines.filter((line) => /^npm .*\btest(:all|:kit|:faults)?( |$)/.test(line))).toEqual([
      'npm test -- --doubt',
      'npm test -- --rest --short --doubt',
      'npm run --silent test:kit -- --short --doubt',
    ]);
  });

  it('take in a test that is named or has changed, wherever it stands', () => {
    const fault = 'tests/faults/clocks.test.ts';
    expect(testFiles('change')).not.toContain(fault);
    expect(testFiles('change', [fault])).toContain(fault);
    expect(testFiles('')).toContain(fault);
  });
});
