import { spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CliProject, type CommandResult, createCliProject, result } from './cli-project.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What a copy needs for its own tests, beside what it needs to run. */
export const BESIDE_SOURCES = [
  'tests',
  'bench',
  'deploy',
  'docs',
  '.env.example',
  'openapi.json',
  '.ci',
  'README.md',
  'AGENTS.md',
  'UPGRADING.md',
  'CHANGELOG.md',
  'LICENSE',
  'CONTRIBUTING.md',
  'tsconfig.json',
  'biome.json',
  'vitest.config.ts',
];

/** A copy of the project with its tests and documents. */
export interface WholeCopy extends CliProject {
  read: (path: string) => string;
  write: (path: string, text: string) => void;
  /** Replaces texts or patterns of a file, each of which must be there. */
  replace: (path: string, ...changes: [from: string | RegExp, to: string][]) => void;
  node: (...args: string[]) => Promise<CommandResult>;
}

/** Copies the whole project; its commands use the database at `url`. */
export function createWholeCopy(url: string): WholeCopy {
  const project = createCliProject({ url });
  const at = (path: string): string => join(project.root, path);
  for (const name of BESIDE_SOURCES) cpSync(join(ROOT, name), at(name), { recursive: true });
  const read = (path: string): string => readFileSync(at(path), 'utf8');
  const write = (path: string, text: string): void => writeFileSync(at(path), text);
  const env = { ...project.env, TMPDIR: process.env.TMPDIR, DATABASE_URL: undefined };
  return {
    ...project,
    read,
    write,
    replace: (path, ...changes) => {
      for (const [from, to] of changes) {
        if (typeof from === 'string') expect(read(path), `${path} has ${from}`).toContain(from);
        else expect(read(path), path).toMatch(from);
        write(path, read(path).replace(from, to));
      }
    },
    node: (...args) =>
      result(spawn(process.execPath, args, { cwd: project.root, env, stdio: ['ignore', 'pipe', 'pipe'] })),
  };
}
