import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openapiDocument } from './generate/openapi.ts';
import { configurationPage, envExample } from './generate/settings.ts';

const ROOT = join(import.meta.dirname, '../..');

/** `back generate`: writes the files that follow from the sources. */
export function registerGenerate(program: Command): void {
  program
    .command('generate')
    .description('refresh .env.example, docs/configuration.md and openapi.json')
    .option('--check', 'write nothing; exit with 1 if a file is stale')
    .action(async ({ check = false }: { check?: boolean }) => {
      const stale = (await generatedFiles()).filter(
        ({ path, text }) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
      );
      if (!check) for (const { path, text } of stale) writeFileSync(path, text);
      console.log(
        stale.length === 0
          ? 'All generated files are fresh'
          : `${check ? 'Stale' : 'Wrote'}: ${stale.map(({ name }) => name).join(', ')}`,
      );
      if (check && stale.length > 0) process.exitCode = 1;
    });
}

async function generatedFiles(): Promise<{ name: string; path: string; text: string }[]> {
  const texts = {
    '.env.example': envExample(),
    'docs/configuration.md': configurationPage(),
    'openapi.json': await openapiDocument(),
  };
  return Object.entries(texts).map(([name, text]) => ({ name, path: join(ROOT, name), text }));
}
