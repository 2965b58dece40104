import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Where `npm run typecheck` keeps what it found, and where a copy does. */
const KEPT = join(ROOT, 'node_modules/.cache');
const NAME = 'typescript.tsbuildinfo';

/** Lists of paths, as seen from the folder of the file. */
type Kept = Record<'fileNames' | 'packageJsons' | 'missingPackageJsons', string[]>;

/**
 * The options by which a copy's types are checked from where the project's own check ended, so that only what the copy changes is
 * checked: a tenth of the time. Without such a check all is.
 */
export function knownTypes(root: string): string[] {
  const folder = join(root, '.types');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, NAME)) && existsSync(join(KEPT, NAME))) {
    const kept = JSON.parse(readFileSync(join(KEPT, NAME), 'utf8')) as Kept;
    const moved = (path: string): string => pathIn({ root, folder }, path);
    for (const list of ['fileNames', 'packageJsons', 'missingPackageJsons'] as const)
      kept[list] = kept[list].map(moved);
    writeFileSync(join(folder, NAME), JSON.stringify(kept));
  }
  return ['--incremental', '--tsBuildInfoFile', join('.types', NAME)];
}

/** The copy has the project's files, and its dependencies by links. TypeScript's own files have no folder. */
function pathIn({ root, folder }: { root: string; folder: string }, path: string): string {
  if (!path.startsWith('.')) return path;
  const own = relative(ROOT, resolve(KEPT, path));
  return relative(folder, join(own.startsWith('node_modules') ? ROOT : root, own));
}
