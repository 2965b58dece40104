import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { linkModules } from './linked-modules.ts';
import { cleanEnvironment } from './project.ts';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = ['packages', 'tsconfig.json', 'LICENSE', 'package.json'];

/** The packages as `npm pack` makes them, in a copy of the project: packing writes into the folder. */
export async function packPackages(
  names: readonly string[],
): Promise<{ tarballs: Map<string, string>; remove: () => void }> {
  const root = mkdtempSync(join(tmpdir(), 'packed-'));
  for (const part of PARTS) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  linkModules(root);
  const output = join(root, 'tarballs');
  mkdirSync(output);
  const workspaces = names.flatMap((name) => ['--workspace', name]);
  await promisify(execFile)('npm', ['pack', '--pack-destination', output, ...workspaces], {
    cwd: root,
    env: nodeEnvironment(),
  });
  const files = readdirSync(output);
  const tarballs = names.map((name): [string, string] => {
    const file = files.find((candidate) => candidate.startsWith(name));
    if (file === undefined) throw new Error(`npm pack made no ${name}`);
    return [name, join(output, file)];
  });
  return { tarballs: new Map(tarballs), remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** An environment in which `node` is the one that runs the tests. */
export function nodeEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return cleanEnvironment({ PATH: [dirname(process.execPath), process.env.PATH].join(delimiter), ...more });
}
