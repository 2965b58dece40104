import { spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CliProject, type CommandResult, createCliProject, result } from './cli-project.ts';
import { knownTypes } from './known-types.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What a copy needs for its own tests, beside what it needs to run. */
export const BESIDE_SOURCES = [
  'tests',
  'bench',
  'deploy',
  'examples',
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
  'knip.json',
];

/** What `npm run lint`, `deadcode` and `generate -- --check` run. */
const CHECKS = [
  ['node_modules/@biomejs/biome/bin/biome', 'check', '--vcs-enabled=false', 'src', 'tests', 'bench'],
  ['node_modules/knip/bin/knip.js'],
  ['bin/back.js', 'generate', '--check'],
];

/** A copy of the project with its tests and documents. */
export interface WholeCopy extends CliProject {
  read: (path: string) => string;
  write: (path: string, text: string) => void;
  /** Replaces texts or patterns of a file, each of which must be there. */
  replace: (path: string, ...changes: [from: string | RegExp, to: string][]) => void;
  node: (...args: string[]) => Promise<CommandResult>;
  /** Runs `npm run typecheck`. */
  checkTypes: () => Promise<CommandResult>;
  /** Expects that types, lint, dead code and generated files have nothing to say. */
  expectWhole: () => Promise<void>;
  /** Runs test files; gives what the run says of its failures, one line if it says nothing and failed. */
  failuresOf: (...files: string[]) => Promise<string[]>;
}

/** Copies the whole project; its commands use the database at `url`. */
export function createWholeCopy(url: string): WholeCopy {
  const project = createCliProject({ url });
  const at = (path: string): string => join(project.root, path);
  for (const name of BESIDE_SOURCES) cpSync(join(ROOT, name), at(name), { recursive: true });
  const read = (path: string): string => readFileSync(at(path), 'utf8');
  const write = (path: string, text: string): void => writeFileSync(at(path), text);
  const env = { ...project.env, TMPDIR: process.env.TMPDIR, DATABASE_URL: undefined };
  const node = (...args: string[]): Promise<CommandResult> =>
    result(spawn(process.execPath, args, { cwd: project.root, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  const checkTypes = (): Promise<CommandResult> =>
    node('node_modules/typescript/bin/tsc', '--noEmit', ...knownTypes(project.root));
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
    node,
    checkTypes,
    expectWhole: async () => {
      const types = await checkTypes();
      expect([types.code, types.stdout]).toEqual([0, '']);
      for (const command of CHECKS) {
        const { code, stdout, stderr } = await node(...command);
        expect([command[0], code, code === 0 ? '' : stdout + stderr]).toEqual([command[0], 0, '']);
      }
    },
    failuresOf: async (...files) => {
      // As npm test does: the files share a process.
      const { code, stdout, stderr } = await node('bin/back.js', 'test', ...files, '--no-isolate');
      const said = `${stdout}\n${stderr}`.split('\n').filter((line) => /\bFAIL\b|Error: /.test(line));
      return code === 0 || said.length > 0 ? said : [`exit code ${code}`, stderr];
    },
  };
}
