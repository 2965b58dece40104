import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommandError } from '../../ui/errors.ts';

/** New texts of files by their path in the project; `null` takes the file away. */
export type Changes = Readonly<Record<string, string | null>>;

/** Throws if files are changed that no commit has: what the command writes could not be told from them. */
export function requireCleanTree(root: string): void {
  const { status, stdout } = git(root, 'status', '--porcelain');
  if (status !== 0) throw new CommandError('The project is not under version control: commit it first, or say --force');
  if (stdout.trim() !== '')
    throw new CommandError('Some files are changed and not committed: commit them first, or say --force');
}

/** The changes in the form that the formatter gives them, with sorted imports. */
export function formatted(root: string, changes: Changes): Changes {
  const aside = mkdtempSync(join(tmpdir(), 'back-generate-'));
  const texts = Object.entries(changes).filter((entry): entry is [string, string] => entry[1] !== null);
  try {
    writeFileSync(join(aside, 'biome.json'), JSON.stringify(formatterOf(root)));
    for (const [path, text] of texts) write(join(aside, path), text);
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const { status, stderr } = spawnSync(process.execPath, [biome, 'check', '--write', '.'], {
      cwd: aside,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the formatter refuses what was generated: ${stderr}`);
    const read = texts.map(([path]) => [path, readFileSync(join(aside, path), 'utf8')]);
    return { ...changes, ...Object.fromEntries(read) };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** The project's form, without what it knows of its folders. */
function formatterOf(root: string): object {
  const { formatter, javascript, assist } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  return { formatter, javascript, assist, linter: { enabled: false } };
}

/** The changes as a patch. */
export function diffOf(root: string, changes: Changes): string {
  const aside = mkdtempSync(join(tmpdir(), 'back-diff-'));
  try {
    for (const [path, text] of Object.entries(changes)) {
      if (existsSync(join(root, path))) write(join(aside, 'a', path), readFileSync(join(root, path), 'utf8'));
      if (text !== null) write(join(aside, 'b', path), text);
    }
    for (const side of ['a', 'b']) mkdirSync(join(aside, side), { recursive: true });
    return git(aside, 'diff', '--no-index', '--no-prefix', 'a', 'b').stdout;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Writes the changes; gives a line for each file. */
export function apply(root: string, changes: Changes): string[] {
  return Object.entries(changes).map(([path, text]) => {
    const file = join(root, path);
    if (text === null) {
      rmSync(file, { force: true });
      return `removed  ${path}`;
    }
    const isNew = !existsSync(file);
    write(file, text);
    return `${isNew ? 'wrote   ' : 'changed '} ${path}`;
  });
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function git(cwd: string, ...args: string[]): { status: number | null; stdout: string } {
  return spawnSync('git', args, { cwd, encoding: 'utf8' });
}
