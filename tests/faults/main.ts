import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { pathOf } from '../helpers/proofs.ts';
import { type Fault, readFaults } from './page.ts';
import { formatVerdicts, type JsonReport, judge } from './verdict.ts';

const ROOT = join(import.meta.dirname, '../..');

const {
  list,
  full,
  only = '',
} = new Command('npm run test:faults --')
  .description('Run the tests that break something while the API works, and say of each fault what became of it')
  .option('--list', 'name the faults and their tests, and run nothing')
  .option('--only <text>', 'only the faults whose words have this text')
  .option('--full', 'some last longer: a crash loop of five minutes, half a minute of silence')
  .parse()
  .opts<{ list?: true; full?: true; only?: string }>();

const faults = readFaults().filter(
  ({ fault, tests }) => tests.length > 0 && fault.toLowerCase().includes(only.toLowerCase()),
);
if (list) print(faults.map(formatFault).join('\n'));
else process.exitCode = await run();

/** Runs the files of all these faults; 0 where every test of theirs passed or was skipped with its reason. */
async function run(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'back-faults-report-'));
  try {
    const report = join(folder, 'report.json');
    const files = [...new Set(faults.flatMap(({ tests }) => tests.map(pathOf)))];
    const args = ['test', ...files, '--reporter=json', `--outputFile.json=${report}`];
    const child = spawn(process.execPath, [join(ROOT, 'bin/back.js'), ...args], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...(full && { FAULTS_IN_FULL: 'true' }) },
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    const [code] = await once(child, 'exit');
    if (!existsSync(report)) return code || 1;
    const verdicts = judge(faults, JSON.parse(readFileSync(report, 'utf8')) as JsonReport, ROOT);
    print(`\n${formatVerdicts(verdicts)}`);
    const isLost = verdicts.length === 0 || verdicts.some(({ state }) => state === 'failed' || state === 'not run');
    return code || (isLost ? 1 : 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function formatFault({ fault, tests }: Fault): string {
  return [fault, ...tests.map(({ file, title }) => `  ${file} › ${title}`)].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
