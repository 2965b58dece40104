import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

const NAMED_FILES = 10;

/**
 * Names the slowest files, and prints `N passed, N failed` as the very last line, for scripts. A file that cannot be loaded
 * counts as failed.
 */
// vitest loads a reporter by its default export.
// biome-ignore lint/style/noDefaultExport: the form that vitest asks for
export default class ClosingLine implements Reporter {
  /** Stands where the run does not get so far: nothing could be set up. */
  #line = '0 passed, 1 failed';

  onInit(): void {
    process.once('exit', () => process.stdout.write(`${this.#line}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    // With fewer files vitest's own lines are enough.
    if (modules.length > NAMED_FILES) process.stdout.write(`\nThe slowest files:\n${slowestOf(modules).join('\n')}\n`);
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const unloadable = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0,
    ).length;
    const known = count('failed') + unloadable + errors.length;
    // Without a single test, or when it is interrupted, a run fails although nothing in it does.
    const failed = reason === 'passed' ? known : Math.max(known, 1);
    const { BACK_TESTS_FAILED } = process.env;
    if (BACK_TESTS_FAILED !== undefined && known > 0 && reason === 'failed')
      writeFileSync(BACK_TESTS_FAILED, failedFiles(modules, errors).join('\n'));
    const skipped = count('skipped');
    this.#line = `${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  }
}

/** None if an error belongs to no file. */
function failedFiles(modules: readonly TestModule[], errors: readonly unknown[]): string[] {
  if (errors.length > 0) return [];
  return modules
    .filter((module) => module.state() === 'failed')
    .map(({ moduleId }) => relative(process.cwd(), moduleId));
}

function slowestOf(modules: readonly TestModule[]): string[] {
  const timed = modules.map((module) => ({ path: relative(process.cwd(), module.moduleId), ms: timeOf(module) }));
  const slowest = timed.sort((a, b) => b.ms - a.ms).slice(0, NAMED_FILES);
  return slowest.map(({ path, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${path}`);
}

/** What the file takes of the run: what it imports, its hooks and its tests. */
function timeOf(module: TestModule): number {
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } = module.diagnostic();
  return environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration;
}
