import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { product } from '../app/product.ts';
import { changesOf, namesOf } from './rename/changes.ts';

const ROOT = join(import.meta.dirname, '../..');

/** `back rename "Book Club"`: the product's name where it stands; what is stored keeps the old one. */
export function registerRename(program: Command): void {
  program
    .command('rename')
    .description('give the product another name; sessions, keys and the database keep what they have')
    .argument('<name>', 'as people read it, such as "Book Club"')
    .option('--slug <slug>', 'as programs read it, such as book-club; derived from the name if it is left out')
    .option('--dry-run', 'show what would change, and write nothing')
    .action((name: string, { slug, dryRun }: { slug?: string; dryRun?: true }) => {
      const changes = changesOf(ROOT, { from: product, to: namesOf(name, slug) });
      if (changes.length === 0) {
        console.log(`The product's name is ${name} already`);
        return;
      }
      for (const { path, text, lines } of changes) {
        if (!dryRun) writeFileSync(join(ROOT, path), text);
        console.log(`${dryRun ? 'Would change' : 'Changed'} ${path}: ${lines} ${lines === 1 ? 'line' : 'lines'}`);
      }
      if (dryRun) return;
      // A process of its own: this one has read the old name.
      const main = join(import.meta.dirname, 'main.ts');
      const { status } = spawnSync(process.execPath, [main, 'generate'], { cwd: ROOT, stdio: 'inherit' });
      process.exitCode = status ?? 1;
    });
}
