import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withField } from '../../src/cli/generate/resource/field.ts';
import { parseField, parseFields } from '../../src/cli/generate/resource/fields.ts';
import { formatted } from '../../src/cli/generate/resource/files.ts';
import { LAYERS } from '../../src/cli/generate/resource/layers.ts';
import { namesOf } from '../../src/cli/generate/resource/names.ts';
import {
  REGISTRIES,
  type RegistryTexts,
  withoutResource,
  withResource,
} from '../../src/cli/generate/resource/registries.ts';
import { ITEM_FIELDS, ITEMS, pathsOf, readTemplate, resourceTexts } from '../../src/cli/generate/resource/template.ts';

const ROOT = join(import.meta.dirname, '../..');
const PLAIN = { isSoftDeleted: false, isPublic: false };

describe('the template of resources', () => {
  it('is items: made of itself it has the same bytes', () => {
    const template = readTemplate(ROOT);
    const texts = resourceTexts(template, { names: ITEMS, fields: ITEM_FIELDS, options: PLAIN });
    for (const layer of LAYERS) expect(texts[layer], layer).toBe(template[layer]);
  });

  it('leaves no word of items in another resource', () => {
    const names = namesOf('book_copies');
    const texts = resourceTexts(readTemplate(ROOT), { names, fields: [parseField('shelf:string!')], options: PLAIN });
    for (const layer of LAYERS)
      expect(texts[layer].replaceAll(/\.items\b/g, '').match(/.*items?\b.*/gi), layer).toBe(null);
    expect(pathsOf(names).service).toBe('src/app/services/book-copies.ts');
    expect(texts.model).toContain("pgTable(\n  'book_copies'");
    expect(texts.service).toContain(
      'export async function get(ctx: RequestContext, actor: Actor, id: string): Promise<BookCopy>',
    );
  });

  it('is no template any more once its field lists are others, and says so', () => {
    const template = readTemplate(ROOT);
    const changed = { ...template, model: template.model.replace('title: text().notNull()', 'name: text().notNull()') };
    const made = () => resourceTexts(changed, { names: namesOf('notes'), fields: ITEM_FIELDS, options: PLAIN });
    expect(made).toThrow(/The model of items is no template any more/);
  });
});

describe('a name', () => {
  it.each([
    ['Notes', /snake_case/],
    ['note', /no plural/],
    ['sheep', /no plural/],
    ['news', /no plural/],
    ['classes', /class is reserved/],
    ['tables', /table is reserved/],
    ['users', /user is reserved/],
    [`${'a'.repeat(30)}s`, /at most 30/],
  ])('%s is refused in a sentence', (name, why) => {
    expect(() => namesOf(name)).toThrow(why);
  });

  it.each([
    ['notes', 'note'],
    ['categories', 'category'],
    ['boxes', 'box'],
    ['statuses', 'status'],
    ['houses', 'house'],
    ['book_copies', 'book_copy'],
    ['days', 'day'],
  ])('%s has the singular %s', (plural, singular) => {
    expect(namesOf(plural).singular).toBe(singular);
  });
});

describe('a field', () => {
  it.each([
    ['title', /is no field/],
    ['title:varchar', /is no field/],
    ['Title:string', /snake_case/],
    ['owner_id:uuid', /reserved/],
    ['due:date', /no default/],
    ['state:enum', /name its words/],
    ['state:enum(a,a)', /each once/],
    ["state:enum(a,b'c)", /name its words/],
    ['club:ref(clubs)?', /ends in _id/],
    ['n:int(3)', /nothing in parentheses/],
    ['t:text[]', /there are lists of/],
    ['t:string(0)', /its length/],
  ])('%s is refused in a sentence', (text, why) => {
    expect(() => parseField(text)).toThrow(why);
  });

  it('that refers to a file asks the kit for it, in every layer', () => {
    const fields = [parseField('title:string!'), parseField('cover_id:ref(files)?')];
    const made = resourceTexts(readTemplate(ROOT), { names: namesOf('notes'), fields, options: PLAIN });
    expect(made.model).toContain("import { files } from './system/files.ts';");
    expect(made.model).toContain("notes_cover_id_files_id_fkey: { missing: 'file_not_found' }");
    expect(made.service).toContain("import * as files from './system/files.ts';");
    expect(made.service).toContain('if (cover_id) await files.get(ctx, actor, cover_id);');
  });

  it('comes once', () => {
    expect(() => parseFields(['a:int', 'a:text'])).toThrow(/there twice/);
    expect(() => parseFields([])).toThrow(/needs a field/);
  });

  it('is added in every layer as if the resource had been made with it', () => {
    const names = namesOf('notes');
    const [title, priority] = [parseField('title:string!'), parseField('priority:enum(low,high)')];
    const asFiles = (texts: Record<string, string>) =>
      formatted(ROOT, Object.fromEntries(Object.entries(texts).map(([layer, text]) => [`${layer}.ts`, text])));
    const whole = resourceTexts(readTemplate(ROOT), { names, fields: [title, priority], options: PLAIN });
    const made = resourceTexts(readTemplate(ROOT), { names, fields: [title], options: PLAIN });
    const added = asFiles(withField(made, priority, names));
    const { 'schema.ts': schema, 'test.ts': test, ...others } = asFiles(whole);
    expect(added).toMatchObject(others);
    // The examples stay as they were, and the test names the new value first.
    expect(added['schema.ts']).toBe(schema?.replace("'a title', priority: 'low'", "'a title'"));
    expect(added['test.ts']).toBe(
      test?.replace("title: 'a title', priority: 'low'", "priority: 'low', title: 'a title'"),
    );
  });

  it('cannot be required of rows that are there', () => {
    const names = namesOf('notes');
    const made = resourceTexts(readTemplate(ROOT), { names, fields: [parseField('title:string!')], options: PLAIN });
    expect(() => withField(made, parseField('priority:int!'), names)).toThrow(/cannot be required/);
    expect(() => withField(made, parseField('title:int'), names)).toThrow(/has a field title/);
  });
});

describe('the registries', () => {
  const read = (): RegistryTexts =>
    Object.fromEntries(REGISTRIES.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')])) as RegistryTexts;

  it('name a new resource once, and are as before when it is gone', () => {
    const before = read();
    const names = namesOf('book_copies');
    const fields = [parseField('shelf:string!'), parseField('item_id:ref(items)!')];
    const options = { ...PLAIN, isPublic: true, under: namesOf('clubs') };
    const made = formatted(ROOT, withResource(before, { names, fields, options })) as RegistryTexts;
    expect(made['src/app/models/index.ts']).toMatch(/bookCopies/);
    expect(made['src/app/product.ts']).toMatch(/BOOK_COPIES_PER_ACCOUNT/);
    expect(made['tests/product.ts']).toContain(`'book-copies': { seenBy: 'everybody' }`);
    const path = 'POST /clubs/:club_id/book-copies';
    expect(made['tests/product.ts']).toContain(`'${path}': ({ ids }) => ({ item_id: ids.items })`);
    expect(made['tests/product.ts']).toContain(`doors: ['${path}']`);
    expect(made['tests/product.ts']).toContain(`'DELETE /book-copies/:id': ['forbidden']`);
    expect(formatted(ROOT, withoutResource(made, names))).toEqual(before);
  });

  it('are whole without items, and with them again', () => {
    const before = read();
    const without = formatted(ROOT, withoutResource(before, ITEMS)) as RegistryTexts;
    for (const path of REGISTRIES)
      expect(without[path].replaceAll(/\/\*\*.*?\*\//gs, ''), path).not.toMatch(/\bitems?\b|item_/i);
    const again = formatted(
      ROOT,
      withResource(without, { names: ITEMS, fields: ITEM_FIELDS, options: PLAIN }),
    ) as RegistryTexts;
    expect(again['src/app/models/index.ts']).toBe(before['src/app/models/index.ts']);
  });
});
