import { spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliProject, type CommandResult, createCliProject, result } from '../helpers/cli-project.ts';
import { createTestDatabase } from '../helpers/database.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What a copy needs for its own tests, beside what it needs to run. */
const MORE = [
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
  'vitest.config.ts',
];
const FILES = [
  'src/app/models/items.ts',
  'src/app/schemas/items.ts',
  'src/app/services/items.ts',
  'src/app/routes/items.ts',
  'tests/app/routes/items.test.ts',
];

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let product: CliProject;

beforeAll(async () => {
  database = await createTestDatabase();
  product = createCliProject({ url: database.url });
  for (const name of MORE) cpSync(join(ROOT, name), join(product.root, name), { recursive: true });
});
afterAll(async () => {
  product.end();
  await database.drop();
});

function edit(path: string, ...changes: [from: RegExp, to: string][]): void {
  const file = join(product.root, path);
  let text = readFileSync(file, 'utf8');
  for (const [from, to] of changes) {
    expect(text, path).toMatch(from);
    text = text.replace(from, to);
  }
  writeFileSync(file, text);
}

function run(...args: string[]): Promise<CommandResult> {
  const env = { ...product.env, TMPDIR: process.env.TMPDIR, DATABASE_URL: undefined };
  return result(spawn(process.execPath, args, { cwd: product.root, env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

it('a product without items has types, documents and the kit’s tests that agree', {
  timeout: 600_000,
}, async () => {
  for (const path of FILES) rmSync(join(product.root, path));
  edit(
    'src/app/product.ts',
    [/tags: \{.*?\}/, 'tags: {}'],
    [/( {2}item_\w+: \{.*\},\n)+/, ''],
    [/export const productSettings = \{.*?\n\} as const/s, 'export const productSettings = {} as const'],
    [/import \{ integer, type Setting, setting \}/, 'import type { Setting }'],
  );
  edit(
    'src/app/models/index.ts',
    [/import .*items\.ts';\n/, ''],
    [/, items \}/, ' }'],
    [/, \.\.\.itemsConstraints \}/, ' }'],
  );
  edit('src/app/routes/index.ts', [/import .*items\.ts';\n/, ''], [/ {2}app\.register\(itemRoutes.*\n/, '']);
  edit('tests/product.ts', [/crossings: \{.*?\}/s, 'crossings: {}']);

  expect((await run('bin/back.js', 'generate')).code).toBe(0);
  expect(readFileSync(join(product.root, 'openapi.json'), 'utf8')).not.toContain('/items');
  const types = await run('node_modules/typescript/bin/tsc', '--noEmit');
  expect([types.code, types.stdout]).toEqual([0, '']);
  const tests = await run(
    'bin/back.js',
    'test',
    'tests/architecture.test.ts',
    'tests/app/config.test.ts',
    'tests/app/openapi.test.ts',
    'tests/attacks/authorization.test.ts',
  );
  const said = tests.stdout.split('\n').filter((line) => /\bFAIL\b|Error: /.test(line));
  expect([tests.code, said]).toEqual([0, []]);
});
