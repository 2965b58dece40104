import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { casesOf, isShortForm } from '../helpers/short-form.ts';
import { createWholeCopy, type WholeCopy } from '../helpers/whole-copy.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const BOOK_CLUB = join(EXAMPLES, 'book-club');

/** The tests that walk the declarations of a product, beside its own. */
const TESTS = [
  'tests/architecture.test.ts',
  'tests/migrations.test.ts',
  'tests/app/config.test.ts',
  'tests/app/openapi.test.ts',
  'tests/attacks/authorization.test.ts',
  'tests/attacks/input.test.ts',
  'tests/attacks/text.test.ts',
];

/** What an example may have files in: what a product owns. Any other path is the kit's, and has to be new. */
const YOURS =
  /^(src\/app\/(product\.ts|product\/seeds\.ts|(models|routes|jobs)\/index\.ts)|src\/cli\/product\.ts|tests\/product\.ts)$/;

/** The greater one first; the short form lays it alone. */
const NAMES = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? entry.name : [],
);

describe.each(casesOf(NAMES.sort(), 2))('examples/%s', (name) => {
  const files = filesOf(join(EXAMPLES, name));
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

  it('has no file of the kit', () => {
    const root = join(EXAMPLES, '..');
    expect(files.filter((path) => existsSync(join(root, path)) && !YOURS.test(path) && path !== 'README.md')).toEqual(
      [],
    );
  });

  it('is laid over a clone, and passes types, lint, dead code, its own tests and the kit’s', {
    timeout: 900_000,
  }, async () => {
    const laid = await product.node('examples/main.ts', name, '--force');
    expect([laid.code, laid.code === 0 ? '' : laid.stderr]).toEqual([0, '']);
    expect(await product.back('upgrade', 'head')).toMatchObject({ code: 0 });
    expect(await product.back('check')).toMatchObject({ code: 0 });
    expect(await product.back('downgrade', 'base')).toMatchObject({ code: 0 });
    expect(await product.back('upgrade', 'head')).toMatchObject({ code: 0 });
    await product.expectWhole();
    expect(await product.failuresOf(...files.filter((path) => path.endsWith('.test.ts')), ...TESTS)).toEqual([]);
  });
});

it('the commands of docs/guides/building.md make the resources that the book club extends', {
  timeout: 900_000,
}, async () => {
  const guide = readFileSync(join(EXAMPLES, '../docs/guides/building.md'), 'utf8');
  const all = guide.match(/^npx back (destroy|generate) resource .*$/gm) ?? [];
  expect(all).toHaveLength(6);
  const commands = isShortForm ? all.slice(0, 3) : all;
  const database = await createTestDatabase();
  const product = createWholeCopy(database.url);
  try {
    for (const command of commands) {
      const { code, stderr } = await product.shell(`${command} --force`);
      expect([command, code, code === 0 ? '' : stderr]).toEqual([command, 0, '']);
    }
    for (const [, name] of commands.join('\n').matchAll(/generate resource (\w+)/g))
      for (const layer of ['models', 'schemas', 'services', 'routes']) {
        const path = `src/app/${layer}/${name}.ts`;
        expect([path, existsSync(join(BOOK_CLUB, path)), existsSync(join(product.root, path))]).toEqual([
          path,
          true,
          true,
        ]);
      }
  } finally {
    product.end();
    await database.drop();
  }
});

describe('examples/book-club/README.md', () => {
  const page = readFileSync(join(BOOK_CLUB, 'README.md'), 'utf8');

  it('counts the files’ lines as they are', () => {
    const rows = [...page.matchAll(/^\| (?:`([\w/.-]+)`(?:, )?)+ \|.*\| (\d+) \|$/gm)];
    expect(rows.length).toBeGreaterThan(8);
    for (const [row, , lines] of rows) {
      const paths = [...row.matchAll(/`([\w/.-]+\.ts)`/g)].map(([, path = '']) => path);
      const counted = paths.reduce((sum, path) => sum + linesOf(path), 0);
      expect([row, Number(lines)]).toEqual([row, counted]);
    }
  });

  it('names every source and test of the product', () => {
    const sources = filesOf(BOOK_CLUB).filter((path) => path.endsWith('.ts'));
    expect(sources.filter((path) => !page.includes(`\`${path}\``))).toEqual([]);
  });
});

function linesOf(path: string): number {
  return readFileSync(join(BOOK_CLUB, path), 'utf8').trimEnd().split('\n').length;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
}
