import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { createWholeCopy, type WholeCopy } from '../helpers/whole-copy.ts';

const FILES = [
  'src/app/models/items.ts',
  'src/app/schemas/items.ts',
  'src/app/services/items.ts',
  'src/app/routes/items.ts',
  'tests/app/routes/items.test.ts',
];

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let product: WholeCopy;

beforeAll(async () => {
  database = await createTestDatabase();
  product = createWholeCopy(database.url);
});
afterAll(async () => {
  product.end();
  await database.drop();
});

it('a product without items has types, documents and the kit’s tests that agree', {
  timeout: 600_000,
}, async () => {
  for (const path of FILES) rmSync(join(product.root, path));
  product.replace(
    'src/app/product.ts',
    [/tags: \{.*?\}/, 'tags: {}'],
    [/( {2}item_\w+: \{.*\},\n)+/, ''],
    [/export const productSettings = \{.*?\n\} as const/s, 'export const productSettings = {} as const'],
    [/import \{ integer, type Setting, setting \}/, 'import type { Setting }'],
  );
  product.replace(
    'src/app/models/index.ts',
    [/import .*items\.ts';\n/, ''],
    [/, items \}/, ' }'],
    [/, \.\.\.itemsConstraints \}/, ' }'],
  );
  product.replace('src/app/routes/index.ts', [/import .*items\.ts';\n/, ''], [/ {2}app\.register\(itemRoutes.*\n/, '']);
  product.replace('tests/product.ts', [/crossings: \{.*?\}/s, 'crossings: {}']);

  expect((await product.node('bin/back.js', 'generate')).code).toBe(0);
  expect(product.read('openapi.json')).not.toContain('/items');
  const types = await product.node('node_modules/typescript/bin/tsc', '--noEmit');
  expect([types.code, types.stdout]).toEqual([0, '']);
  const tests = await product.node(
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
