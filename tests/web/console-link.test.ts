import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Linked, link } from '../../src/web/console/link.ts';

const folder = mkdtempSync(join(tmpdir(), 'back-link-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** Links these files, of which those below `vendor/` stay their own. */
function linked(files: Record<string, string>): Linked {
  return link('main.ts', {
    read: (file) => files[file] ?? expect.fail(`${file} is read`),
    resolve: (specifier, importer) => posix.join(posix.dirname(importer), specifier),
    isLinked: (file) => !file.startsWith('vendor/'),
    nameOf: (file) => file.replace(/\.ts$/, '.js'),
  });
}

/** What the linked module notes as it is evaluated by Node. */
async function notedBy(files: Record<string, string>): Promise<unknown[]> {
  const place = join(folder, String(++count));
  mkdirSync(join(place, 'vendor'), { recursive: true });
  const { code, outside } = linked(files);
  for (const file of outside) writeFileSync(join(place, file), files[file] ?? '');
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(place, 'main.js'), code);
  const noted: unknown[] = [];
  Object.assign(globalThis, { note: (fact: unknown) => noted.push(fact) });
  await import(/* @vite-ignore */ join(place, 'main.js'));
  return noted;
}

describe('modules that are linked as one', () => {
  it('are evaluated once each, in the order of their imports', async () => {
    expect(
      await notedBy({
        'main.ts': `import './b.ts';\nimport { a } from './a.ts';\nnote('main ' + a);`,
        'a.ts': `import './parts/c.ts';\nnote('a');\nexport const a = 'of a';`,
        'b.ts': `import './parts/c.ts';\nimport {      } from './a.ts';\nnote('b');`,
        'parts/c.ts': `note('c');`,
      }),
    ).toEqual(['c', 'a', 'b', 'main of a']);
  });

  it('keep their names to themselves, and take those of others by any name', async () => {
    expect(
      await notedBy({
        'main.ts': `import {\n  one,\n  same as other,\n} from './a.ts';\nimport * as all from './b.ts';
const same = 'of main';\nnote([one(), other, same, Object.keys(all), all.same, new all.Kind().of, typeof all.generate]);`,
        'a.ts': `const hidden = 'hidden of a';\nexport const same = 'of a';\nexport function one() { return hidden; }`,
        'b.ts': `const hidden = 'of b';\nexport const same = hidden;\nexport class Kind { of = hidden; }
export async function wait() {}\nexport async function* generate() {}`,
      }),
    ).toEqual([['hidden of a', 'of a', 'of main', ['same', 'Kind', 'wait', 'generate'], 'of b', 'of b', 'function']]);
  });

  it('import a module that stays its own once, whatever each of them calls its exports', async () => {
    const files = {
      'main.ts': `import { render as show } from './vendor/ui.js';\nimport { a } from './parts/a.ts';\nnote([show(), a]);`,
      'parts/a.ts': `import { h, render } from '../vendor/ui.js';\nimport * as ui from '../vendor/ui.js';
export const a = [h, render(), ui.h];`,
      'vendor/ui.js': `note('ui');\nexport const h = 'h';\nexport const render = () => 'rendered';`,
    };
    expect(await notedBy(files)).toEqual(['ui', ['rendered', ['h', 'rendered', 'h']]]);
    const { code, outside } = linked(files);
    expect([outside, code.match(/^import .*/gm)]).toEqual([
      ['vendor/ui.js'],
      [expect.stringMatching(/^import \* as \S+ from '\.\/vendor\/ui\.js';$/)],
    ]);
  });

  it('say the names of their functions and files to a debugger', async () => {
    const files = {
      'main.ts': `import { user } from './user-new.ts';\nimport { page } from './pages/user-new.ts';\nnote([user, page]);`,
      'user-new.ts': `export function user() {}`,
      'pages/user-new.ts': `export const page = () => {};`,
    };
    const [functions] = (await notedBy(files)) as [(() => void)[]];
    expect(functions.map(({ name }) => name)).toEqual(['user', 'page']);
    expect(linked(files).code.match(/^const \$\S+/gm)).toEqual([
      ...['const $1_user_new', 'const $2_user_new', 'const $0_main'],
    ]);
  });
});

describe('a module that cannot be linked is named with its line', () => {
  it.each([
    ['an export that may change', 'export let count = 0;', 'cannot be linked: export let count = 0;'],
    ['a default export', 'export default function () {}', 'cannot be linked: export default function () {}'],
    ['a list of exports', 'const a = 1;\nexport { a };', 'cannot be linked: export { a };', 5],
    ['a list without a blank', 'const a = 1;\nexport{a};', 'cannot be linked: export{a};', 5],
    ['exports of another module', `export * from './a.ts';`, `cannot be linked: export * from './a.ts';`],
    ['exports that are taken apart', 'export const { a } = b;', 'cannot be linked: export const { a } = b;'],
    ['a default import', `import a from './a.ts';`, `cannot be linked: import a from './a.ts';`],
    ['an import of a kind', `import a from './a.json' with { type: 'json' };`, /^cannot be linked: import a from/],
    ['an import at a later time', `const a = () => import('./a.ts');`, `cannot be linked: import('./a.ts');`],
    ['an import of what is not exported', `import { b } from './a.ts';`, './a.ts has no export b'],
    ['a module that waits', 'const b = await 1;', /^await is only valid in async functions/],
    ['what asks where it is', 'const b = import.meta.url;', /^Cannot use 'import.meta' outside a module/],
    ['a circle', `import { main } from './main.ts';`, 'the import of ./main.ts closes a circle'],
  ])('%s', (_, statement, why, line = 4) => {
    const files = {
      'main.ts': `import './wrong.ts';\nexport const main = 1;`,
      'wrong.ts': `import {\n  a as a1\n} from './a.ts';\n${statement}\n`,
      'a.ts': 'export const a = 1;',
    };
    const error = (): unknown => {
      try {
        return linked(files);
      } catch (caught) {
        return caught;
      }
    };
    const [, place, told] = /^(wrong\.ts:\d+): (.*)/.exec((error() as Error).message) ?? [];
    expect(place).toBe(`wrong.ts:${line}`);
    expect(told).toEqual(why instanceof RegExp ? expect.stringMatching(why) : why);
  });
});
