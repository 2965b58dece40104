import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkModules } from './linked-modules.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A copy of the project whose models and revisions a test may change. */
export interface CliProject {
  root: string;
  env: NodeJS.ProcessEnv;
  /** Runs `back` there to its end. */
  back: (...args: string[]) => Promise<CommandResult>;
  /** Starts `back` and returns at once. */
  start: (...args: string[]) => ChildProcess;
  /** Runs a line of shell there, in which `npx back` is the copy's own. */
  shell: (line: string) => Promise<CommandResult>;
  end: () => void;
}

/**
 * Copies the sources; the dependencies are the project's own, but for those it shall be without. `migrations: false` begins
 * without revisions.
 */
export function createCliProject({
  url,
  migrations = true,
  without = [],
}: {
  url: string;
  migrations?: boolean;
  without?: readonly string[];
}): CliProject {
  const root = mkdtempSync(join(tmpdir(), 'back-cli-'));
  const copied = ['src', 'packages', 'bin', 'package.json', ...(migrations ? ['migrations'] : [])];
  for (const name of copied) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  linkModules(root, { without });
  const main = join(root, 'src/cli/main.ts');
  const programs = join(root, '.programs');
  mkdirSync(programs);
  // npx itself takes a second to find the command; the rest of the line stays as it is written.
  writeFileSync(join(programs, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`, {
    mode: 0o755,
  });
  const env = {
    PATH: `${programs}:${process.env.PATH}`,
    HOME: root,
    DATABASE_URL: url,
    EDITOR: 'true',
    // Of the whole run: to write what all dependencies are compiled to takes longer than a command does.
    NODE_COMPILE_CACHE: join(tmpdir(), 'compiled'),
  };
  const spawned = (command: string, args: string[]): ChildProcess =>
    spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env });
  const start = (...args: string[]): ChildProcess => spawned(process.execPath, [main, ...args]);
  return {
    root,
    env,
    start,
    back: (...args) => result(start(...args)),
    shell: (line) => result(spawned('sh', ['-c', line])),
    end: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What a process has printed when it has ended. */
export async function result(child: ChildProcess): Promise<CommandResult> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, ...output };
}
