import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { isShortForm } from '../helpers/short-form.ts';
import { BESIDE_SOURCES, createWholeCopy, type WholeCopy } from '../helpers/whole-copy.ts';

const ROOT = join(import.meta.dirname, '../..');
const YOURS = ['src/app/product.ts', 'src/app/models/index.ts', 'src/app/routes/index.ts'];
const GENERATED = [
  '.env.example',
  'docs/configuration.md',
  'docs/guides/frontend.md',
  'openapi.json',
  'packages/client/src/client.ts',
];

let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

function startProduct(): WholeCopy {
  return createWholeCopy(database.url);
}

/** Files of the project that the copy has changed. */
function changedFiles(root: string): string[] {
  return ['src', 'packages', 'bin', 'migrations', ...BESIDE_SOURCES]
    .flatMap((name) => (statSync(join(ROOT, name)).isDirectory() ? filesOf(name) : [name]))
    .filter((path) => !readFileSync(join(ROOT, path)).equals(readFileSync(join(root, path))));
}

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length + 1));
}

describe('a resource of one’s own', () => {
  let product: WholeCopy;
  beforeAll(() => {
    product = startProduct();
  });
  afterAll(() => product.end());

  it('comes beside items, with its settings, codes, metrics and tag, and no file of the kit changes', {
    timeout: 900_000,
  }, async () => {
    const made = await product.node('bin/back.js', 'generate', 'resource', 'notes', ...NOTES, '--force');
    expect([made.code, made.stderr.match(/Error.*/g)]).toEqual([0, null]);
    product.replace('src/app/services/notes.ts', [
      '  const row =',
      "  await countOwn(ctx, actor, 'notes');\n  ctx.metrics.notes_total.inc('written');\n  ctx.log.info({ event: 'note.written' }, 'a note was written');\n  const row =",
    ]);
    product.replace('src/app/services/notes.ts', [
      "import { insertOwned } from './auth/quota.ts';",
      "import { countOwn } from './auth/limits.ts';\nimport { insertOwned } from './auth/quota.ts';",
    ]);
    product.replace(
      'src/app/product.ts',
      ['import type { Declaration }', 'import { counter, type Declaration }'],
      ['productLimits = {}', "productLimits = { notes: { limit: '1000/1h', purpose: 'Notes of one user' } }"],
      [
        'productLogEvents: Readonly<Record<string, string>> = {}',
        "productLogEvents: Readonly<Record<string, string>> = { 'note.written': 'Someone wrote a note' }",
      ],
      ['productMetrics = {}', "productMetrics = { notes_total: counter('Notes', 'outcome', ['written']) }"],
    );
    product.write('tests/app/notes.test.ts', NOTES_TEST);
    expect(await product.node('bin/back.js', 'generate')).toMatchObject({ code: 0 });

    const types = await product.checkTypes();
    expect([types.code, types.stdout]).toEqual([0, '']);
    const failures = await product.failuresOf(
      'tests/app/notes.test.ts',
      'tests/app/routes/notes.test.ts',
      'tests/app/config.test.ts',
      'tests/docs/limits.test.ts',
      'tests/app/routes/items.test.ts',
      'tests/architecture.test.ts',
      'tests/migrations.test.ts',
    );
    expect(failures).toEqual([]);
    expect(product.read('.env.example')).toContain('# NOTES_PER_ACCOUNT=10000');
    expect(product.read('.env.example')).toContain('# LIMIT_NOTES=1000/1h');
    expect(
      changedFiles(product.root)
        .filter((path) => !GENERATED.includes(path))
        .sort(),
    ).toEqual(YOURS.toSorted());
  });
});

describe('another name', () => {
  let product: WholeCopy;
  beforeAll(() => {
    product = startProduct();
  });
  afterAll(() => product.end());

  it('stands in one file; documents and tests follow, and what is stored does not', { timeout: 900_000 }, async () => {
    product.replace(
      'src/app/product.ts',
      ["name: 'Back API'", "name: 'Book Club'"],
      ["slug: 'back-api'", "slug: 'book-club'"],
    );
    expect(await product.node('bin/back.js', 'generate')).toMatchObject({ code: 0 });
    expect(changedFiles(product.root).sort()).toEqual([
      '.env.example',
      'docs/configuration.md',
      'openapi.json',
      'src/app/product.ts',
    ]);
    const [before, after] = [
      JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8')),
      JSON.parse(product.read('openapi.json')),
    ];
    expect(after).toEqual({ ...before, info: { ...before.info, title: 'Book Club' } });

    const failures = await product.failuresOf(...NAME_TESTS);
    expect(failures).toEqual([]);
  });
});

/** The short form leaves out those that say the name in passing. */
const NAME_TESTS = [
  'tests/app/config.test.ts',
  'tests/app/openapi.test.ts',
  'tests/app/routes/auth/login.test.ts',
  'tests/docs/security.test.ts',
  'tests/docs/limits.test.ts',
  'tests/architecture.test.ts',
  ...(isShortForm
    ? []
    : [
        'tests/app/routes/auth/account.test.ts',
        'tests/app/routes/auth/registration.test.ts',
        'tests/app/keys',
        'tests/attacks/authorization.test.ts',
      ]),
];

/** A field of every kind, one that may be null, one that refers to another resource and one to its own. */
const NOTES = [
  'title:string!',
  'body:text',
  'due_at:timestamp?',
  'state:enum(open,done)',
  'item_id:ref(items)?',
  'parent_id:ref(notes)?',
  'reader_id:ref(users)?',
  'count:int',
  'size:bigint',
  'weight:float!',
  'is_open:bool',
  'price:money',
  'day:date?',
  'uid:uuid?',
  'meta:json',
  'tags:string[]',
  '--search',
  'title',
  '--soft-delete',
];

const NOTES_TEST = `import { expect, it } from 'vitest';
import { startApi } from '../helpers/api.ts';

const api = startApi({ NOTES_PER_ACCOUNT: '9', LIMIT_NOTES: '2/1h' });

it('works', async () => {
  const { access_token: token } = await api.user();
  const made = await api.request({ method: 'POST', url: '/notes', token, payload: { title: 'mine', weight: 1 } });
  expect([made.statusCode, made.json().title]).toEqual([201, 'mine']);
  const found = await api.request({ url: '/notes?search=MIN', token });
  expect(found.json().items).toMatchObject([{ title: 'mine' }]);
  const { access_token: stranger } = await api.user();
  const refused = await api.request({ url: '/notes/' + made.json().id, token: stranger });
  expect(refused.json()).toMatchObject({ code: 'note_not_found', detail: 'There is no such note' });
  expect(api.app.ctx.config.notes_per_account).toBe(9);
  const again = { method: 'POST', url: '/notes', token, payload: { title: 'again', weight: 1 } };
  expect((await api.request(again)).headers.ratelimit).toContain('"own-notes";r=0');
  expect((await api.request(again)).json().code).toBe('rate_limited');
  const { body } = await api.request({ url: '/metrics' });
  expect(body).toMatch(/^notes_total\\{outcome="written"\\} 2$/m);
  expect(body).toMatch(/^rate_limit_refusals_total\\{policy="notes"\\} 1$/m);
});
`;
