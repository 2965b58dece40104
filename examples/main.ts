import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { requireCleanTree } from '../src/cli/generate/resource/files.ts';
import { back } from '../src/cli/generate/resource/revisions.ts';

const ROOT = join(import.meta.dirname, '..');

/** The example resource of the kit, which an example product replaces. */
const ITEMS = [
  ...['models', 'schemas', 'services', 'routes'].map((layer) => `src/app/${layer}/items.ts`),
  'tests/app/routes/items.test.ts',
];

/** The products in this folder. */
const products = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

const program = new Command('npm run example --')
  .description('Lay an example product over this clone: its files replace yours, and the items go')
  .argument('<name>', products.map(({ name }) => name).join(' or '))
  .option('--force', 'do not ask for a committed tree')
  .action(async (name: string, { force = false }: { force?: boolean }) => {
    if (!products.some((product) => product.name === name)) throw new Error(`There is no example ${name}`);
    if (!force) requireCleanTree(ROOT);
    const from = join(import.meta.dirname, name);
    for (const path of ITEMS) if (!existsSync(join(from, path))) rmSync(join(ROOT, path), { force: true });
    const isPart = (path: string): boolean => relative(from, path) !== 'README.md';
    cpSync(from, ROOT, { recursive: true, filter: isPart });
    await back(ROOT, 'generate');
    process.stdout.write('Next: npx back upgrade heads, then npm test\n');
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
