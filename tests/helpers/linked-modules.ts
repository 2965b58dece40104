import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Makes `node_modules` in a copy of the project: links to what is installed here, but the copy's own packages. */
export function linkModules(root: string, { without = [] }: { without?: readonly string[] } = {}): void {
  const [modules, installed] = [join(root, 'node_modules'), join(ROOT, 'node_modules')];
  const own = ownPackages();
  mkdirSync(modules);
  for (const name of readdirSync(installed))
    if (!without.includes(name)) symlinkSync(own.get(name) ?? join(installed, name), join(modules, name));
}

/** The workspaces' names and their folders, as seen from `node_modules`. */
function ownPackages(): Map<string, string> {
  return new Map(
    readdirSync(join(ROOT, 'packages'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name: folder }) => {
        const { name } = JSON.parse(readFileSync(join(ROOT, 'packages', folder, 'package.json'), 'utf8'));
        return [name, join('..', 'packages', folder)];
      }),
  );
}
