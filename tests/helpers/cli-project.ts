import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A copy of the project whose models and revisions a test may change. */
export interface CliProject {
  root: string;
  /** Runs `back` there to its end. */
  back: (...args: string[]) => Promise<CommandResult>;
  /** Starts `back` and returns at once. */
  start: (...args: string[]) => ChildProcess;
  end: () => void;
}

/** Copies the sources; the dependencies are the project's own. `migrations: false` begins without revisions. */
export function createCliProject({ url, migrations = true }: { url: string; migrations?: boolean }): CliProject {
  const root = mkdtempSync(join(tmpdir(), 'back-cli-'));
  const copied = ['src', 'bin', 'package.json', ...(migrations ? ['migrations'] : [])];
  for (const name of copied) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [join(root, 'src/cli/main.ts'), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        DATABASE_URL: url,
        NODE_COMPILE_CACHE: join(root, '.cache'),
      },
    });
  return {
    root,
    start,
    back: (...args) => result(start(...args)),
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
