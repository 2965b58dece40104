import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type CommandResult, result } from './cli-project.ts';
import { nodeEnvironment } from './packed-packages.ts';

/** One block of a Markdown file. */
export interface Block {
  language: string;
  text: string;
}

/** An empty folder in which a README is followed. */
export interface ReadmeProject {
  root: string;
  /** Runs a line of shell there, in which `npx` starts what is installed. */
  shell: (line: string) => Promise<CommandResult>;
  /** Writes a block to the file that its first line names in a comment. */
  write: (block: Block) => void;
  end: () => void;
}

/** The fenced blocks of a Markdown text. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** Makes an empty folder whose npm knows one registry. */
export function createReadmeProject({ registry, url }: { registry: string; url: string }): ReadmeProject {
  const root = mkdtempSync(join(tmpdir(), 'readme-'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module", "private": true }\n');
  const programs = join(root, '.programs');
  mkdirSync(programs);
  // npx itself takes a second to find the command, or looks for it on the net; the rest of the line stays as it is written.
  writeFileSync(join(programs, 'npx'), '#!/bin/sh\nprogram=$1\nshift\nexec "node_modules/.bin/$program" "$@"\n', {
    mode: 0o755,
  });
  const environment = nodeEnvironment();
  const env = {
    ...environment,
    PATH: [programs, environment.PATH].join(delimiter),
    DATABASE_URL: url,
    HOME: root,
    npm_config_registry: registry,
    npm_config_cache: join(root, '.npm'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
  const spawned = (line: string): ChildProcess =>
    spawn('sh', ['-c', line], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env });
  return {
    root,
    shell: (line) => result(spawned(line)),
    write: ({ text }) => {
      const [, path] = /^\/\/ (\S+)\n/.exec(text) ?? [];
      if (path === undefined) throw new Error(`The block names no file: ${text.slice(0, 80)}`);
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    end: () => rmSync(root, { recursive: true, force: true }),
  };
}
