import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../helpers/database.ts';
import { isShortForm } from '../helpers/short-form.ts';
import { createWholeCopy, type WholeCopy } from '../helpers/whole-copy.ts';

/** Every kind of field and every option, and the options with one another. */
const RESOURCES = [
  ['projects', 'title:string!', '--public-read'],
  ['clubs', 'name:string!', 'summary:text(500)'],
  ['books', 'title:string!', 'pages:int', 'copies:bigint', 'weight:float!', '--under', 'clubs'],
  ['book_copies', 'shelf:string(80)!', 'book_id:ref(books)!', 'lent:bool', '--soft-delete'],
  [
    'tasks',
    'title:string!',
    'state:enum(open,done)',
    'project_id:ref(projects)!',
    'due_at:timestamp?',
    ...search('title'),
  ],
  ['comments', 'body:text!', '--under', 'projects'],
  ['invoices', 'number:string!', 'total:money', 'issued:date!', 'payer_id:ref(users)?', 'meta:json', '--owner'],
  [
    'labels',
    ...['names:string[]', 'counts:int[]', 'marks:uuid[]', 'colors:enum(red,green)[]', 'label:string!'],
    ...['--public-read', '--soft-delete', ...search('label')],
  ],
  ['events', 'starts_at:timestamp!', 'day:date?', 'source:uuid!', 'title:string'],
  [
    'entries',
    ...['note:text', 'task_id:ref(tasks)!', 'parent_id:ref(entries)?', 'score:int!'],
    ...['--under', 'book_copies'],
  ],
] as const;

/** The short form ends before the fields of every kind. */
const MADE = isShortForm ? RESOURCES.slice(0, 5) : RESOURCES;

/** The tests that walk all routes, those of the generated resources, and those that read the sources. */
const TESTS = [
  ...MADE.map(([name]) => `tests/app/routes/${name.replaceAll('_', '-')}.test.ts`),
  'tests/app/openapi.test.ts',
  'tests/attacks/authorization.test.ts',
  'tests/attacks/input.test.ts',
  'tests/attacks/text.test.ts',
  'tests/app/config.test.ts',
  'tests/architecture.test.ts',
  'tests/migrations.test.ts',
  'tests/web/console-rows.test.ts',
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

it(`${MADE.length} generated resources pass types, lint, dead code, their own tests and the kit’s`, {
  timeout: 3_600_000,
}, async () => {
  for (const words of MADE) {
    const made = await product.node('bin/back.js', 'generate', 'resource', ...words, '--force');
    expect([words[0], made.code, made.code === 0 ? '' : made.stderr]).toEqual([words[0], 0, '']);
  }
  const added = await product.node('bin/back.js', 'generate', 'field', 'tasks', 'priority:int', '--force');
  expect(added.code, added.stderr).toBe(0);
  await product.expectWhole();
  expect(await product.failuresOf(...TESTS)).toEqual([]);
});

it.each([
  [['notes', 'title:string!', '--owner', '--public-read'], /cannot be used with/],
  [['notes', 'title:string!', '--under', 'projects', '--owner'], 'Every user sees the projects'],
  [['notes', 'title:string!', '--under', 'clubs', '--public-read'], 'Only their owners see the clubs'],
  [['notes', 'title:string!', '--under', 'shelves'], 'shelves is no resource'],
  [['notes', 'title:string!', 'club_id:ref(clubs)!', '--under', 'clubs'], 'club_id is in the path'],
  [['notes', 'club_id:ref(clubs)!'], 'beside its references'],
])('back generate resource %j is refused in a sentence', { timeout: 60_000 }, async (words, why) => {
  const refused = await product.node('bin/back.js', 'generate', 'resource', ...words, '--force');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(why);
});

function search(field: string): [string, string] {
  return ['--search', field];
}
