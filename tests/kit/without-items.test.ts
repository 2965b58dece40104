import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { createWholeCopy, type WholeCopy } from '../helpers/whole-copy.ts';

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

it('back destroy resource items takes the example away, and all that is left agrees', {
  timeout: 1_200_000,
}, async () => {
  const gone = await product.node('bin/back.js', 'destroy', 'resource', 'items', '--force');
  expect([gone.code, gone.code === 0 ? '' : gone.stderr]).toEqual([0, '']);
  expect(product.read('openapi.json')).not.toContain('/items');
  expect(product.read('tests/product.ts').replaceAll(/\/\*\*.*?\*\//gs, '')).not.toContain('items');

  // The table is the kit's by its first revision, and the clone drops it on a branch of its own.
  expect(await product.back('upgrade', 'heads')).toMatchObject({ code: 0 });
  expect(await product.back('check')).toMatchObject({ code: 0 });
  expect(await tables()).not.toContain('items');
  const back = await product.back('downgrade', 'base');
  expect([back.code, (await tables()).filter((name) => name === 'users')]).toEqual([0, []]);
  expect(await product.back('upgrade', 'heads')).toMatchObject({ code: 0 });

  await product.expectWhole();
  expect(
    await product.failuresOf(
      'tests/architecture.test.ts',
      'tests/migrations.test.ts',
      'tests/app/config.test.ts',
      'tests/app/openapi.test.ts',
      'tests/attacks/authorization.test.ts',
      'tests/attacks/input.test.ts',
      'tests/app/services/auth/closing/closing.long.test.ts',
      'tests/app/services/auth/authorization.test.ts',
      'tests/app/utils/orderings.test.ts',
    ),
  ).toEqual([]);
});

it('a resource is made without items, and taken away again with its revision', { timeout: 600_000 }, async () => {
  const made = await product.node('bin/back.js', 'generate', 'resource', 'notes', 'title:string!', '--force');
  expect(made.code, made.stderr).toBe(0);
  expect(await product.back('upgrade', 'heads')).toMatchObject({ code: 0 });
  expect(await tables()).toContain('notes');
  const gone = await product.back('destroy', 'resource', 'notes', '--force');
  expect(gone.code, gone.stderr).toBe(0);
  expect(await tables()).not.toContain('notes');
  expect(await product.back('check')).toMatchObject({ code: 0 });
});

async function tables(): Promise<string[]> {
  const rows = await database.sql<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  return rows.map(({ name }) => name);
}
