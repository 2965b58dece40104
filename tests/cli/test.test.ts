import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../helpers/processes.ts';
import { cleanEnvironment, cloneProject } from '../helpers/project.ts';

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

async function backTest(...args: string[]): Promise<{ code: number | string; last: string | undefined }> {
  // Both outputs in one pipe, as in a terminal: of two the order would be chance.
  const { ended, output } = start('sh', ['-c', 'exec "$0" bin/back.js test "$@" 2>&1', process.execPath, ...args], {
    cwd: clone.root,
    env: cleanEnvironment(),
  });
  const code = await ended;
  return { code, last: output().trimEnd().split('\n').at(-1) };
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
    expect(await backTest(...files.map((name) => `tests/${name}.test.ts`))).toEqual({ code, last: line });
  });

  it('counts a setup that fails as failed', async () => {
    expect(await backTest('tests/good.test.ts', '--config', 'no-server.config.ts')).toEqual({
      code: 1,
      last: '0 passed, 1 failed',
    });
  });

  it('passes options on to vitest', async () => {
    expect(await backTest('tests/good.test.ts', '-t', 'adds')).toEqual({
      code: 0,
      last: '1 passed, 0 failed, 1 skipped',
    });
  });
});
