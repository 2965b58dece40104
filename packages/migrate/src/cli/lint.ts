import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { LintedScript, Migrator } from '../migrator.ts';
import { findingText, githubLine, isOpen } from './findings.ts';
import { printJson } from './print.ts';
import type { VerbContext } from './verb-context.ts';

interface Options {
  revRange?: string;
  locks?: boolean;
  json?: boolean;
  format: 'text' | 'github' | 'json';
}

const STANDARD_INPUT = '-';

/** `lint`: the dangers of revisions, of files and of standard input. */
export function registerLint(program: Command, { open }: VerbContext): void {
  program
    .command('lint')
    .description(
      'name the dangers of migrations and the safe way; exit with 1 if one is not accepted or PostgreSQL refuses the text',
    )
    .argument(
      '[targets...]',
      'only these revisions; or SQL files, or - for standard input, as if they were the next revision',
    )
    .option('-r, --rev-range <from:to>', 'only these: 3f2a:head')
    .option('--locks', 'also print which lock each statement takes and what it blocks')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'github', 'json']).default('text'))
    .option('--json', 'for scripts: the same as --format json')
    .action(async (targets: string[], { revRange, locks: withLocks = false, json = false, format }: Options) => {
      const migrator = await open();
      const { findings, locks } = await lint(migrator, targets, { revRange, withLocks });
      const unaccepted = findings.filter(isOpen);
      if (unaccepted.length > 0) process.exitCode = 1;
      if (json || format === 'json') return printJson(withLocks ? { findings, locks } : findings);
      if (format === 'github') return findings.forEach((finding) => void console.log(githubLine(finding)));
      for (const { revision, file, line, lock, table, blocks, statement } of locks)
        console.log(`${revision || file}:${line}  ${lock} on ${table}: blocks ${blocks}\n    ${statement}`);
      for (const finding of findings) console.log(findingText(finding));
      console.log(summary(unaccepted.length));
    });
}

async function lint(
  migrator: Migrator,
  targets: readonly string[],
  { revRange, withLocks }: { revRange: string | undefined; withLocks: boolean },
): Promise<LintedScript> {
  const files = targets.filter((target) => target === STANDARD_INPUT || target.endsWith('.sql'));
  const named = targets.filter((target) => !files.includes(target)).flatMap((target) => migrator.show(target));
  const texts = await Promise.all(files.map((file) => lintFile(migrator, file)));
  const revisions = targets.length > 0 ? named : await migrator.history(revRange);
  const ids = revisions.map(({ id }) => id);
  const findings = ids.length > 0 ? await migrator.lint(ids) : [];
  const locks = withLocks && ids.length > 0 ? await migrator.locks(ids) : [];
  return {
    findings: [...findings, ...texts.flatMap((text) => text.findings)],
    locks: [...locks, ...(withLocks ? texts.flatMap((text) => text.locks) : [])],
  };
}

async function lintFile(migrator: Migrator, file: string): Promise<LintedScript> {
  const isInput = file === STANDARD_INPUT;
  return migrator.lintText(isInput ? 'standard input' : file, readFileSync(isInput ? 0 : file, 'utf8'));
}

function summary(open: number): string {
  if (open === 0) return 'No open dangers';
  return `${open} open ${open === 1 ? 'danger' : 'dangers'}`;
}
