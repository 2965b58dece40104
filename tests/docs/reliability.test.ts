import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFaults } from '../faults/page.ts';
import { formatVerdicts, judge } from '../faults/verdict.ts';
import { isProven, pathOf } from '../helpers/proofs.ts';

const ROOT = join(import.meta.dirname, '../..');
const faults = readFaults();
const tests = faults.flatMap((fault) => fault.tests);

describe('docs/reliability.md', () => {
  it('has a known state for each row, and tests for each that is survived', () => {
    const page = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8');
    const lines = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| fault |'));
    expect(faults.length).toBe(lines.length);
    expect(faults.length).toBeGreaterThan(50);
    expect(new Set(faults.map(({ fault }) => fault)).size).toBe(faults.length);
    expect(faults.filter(({ state, tests }) => (state === 'survived') !== tests.length > 0)).toEqual([]);
  });

  it('names only tests that exist', () => {
    expect(tests.length).toBeGreaterThan(80);
    expect(tests.filter((test) => !isProven(test))).toEqual([]);
  });

  it('names every file of faults', () => {
    const files = readdirSync(join(ROOT, 'tests/faults'))
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `tests/faults/${name}`);
    const named = new Set(tests.map(pathOf));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !named.has(file))).toEqual([]);
  });
});

describe('the table after a run', () => {
  const proof = (title: string) => ({ file: 'app/a', title });
  const fault = (fault: string, ...titles: string[]) => ({ fault, state: 'survived', tests: titles.map(proof) });
  const report = {
    testResults: [
      {
        name: '/project/tests/app/a.test.ts',
        assertionResults: [
          { title: 'lives', status: 'passed' as const, duration: 1200 },
          { title: 'by 20 s (really)', status: 'passed' as const, duration: 300 },
          { title: 'by -20 s (really)', status: 'failed' as const, duration: 500 },
          { title: 'is away', status: 'pending' as const },
        ],
      },
      {
        name: '/project/tests/app/b.test.ts',
        assertionResults: [{ title: 'recovers (skipped: it is not installed)', status: 'skipped' as const }],
      },
    ],
  };
  const verdicts = judge(
    [
      fault('a', 'lives'),
      fault('b', 'by %i s (really)', 'lives'),
      fault('c', 'lives', 'is away'),
      fault('d', 'lives', 'is nowhere'),
      { fault: 'e', state: 'survived', tests: [{ file: 'app/b', title: 'is restarted' }] },
    ],
    report,
    '/project',
  );

  it('says the worst of a fault’s tests, every form of one that has several', () => {
    expect(verdicts.map(({ fault, state }) => `${fault} ${state}`)).toEqual([
      'a passed',
      'b failed',
      'c skipped',
      'd not run',
      'e skipped',
    ]);
    expect(verdicts[1]?.seconds).toBeCloseTo(2);
  });

  it('has a line for each fault and each test, and ends with the sum', () => {
    const lines = formatVerdicts(verdicts).split('\n');
    expect(lines[0]).toMatch(/^passed +1\.2 s +a$/);
    expect(lines[1]).toMatch(/^ passed +1\.2 s +app\/a › lives$/);
    expect(lines.at(-1)).toBe('5 faults: 1 passed, 1 failed, 2 skipped, 1 not run');
  });
});
