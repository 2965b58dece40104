import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const CACHE = join(import.meta.dirname, '../../src/cli/resolution-cache.ts');

/** What a program prints whose modules are `files`; the cache is on before `main.ts` is imported. */
function run(files: Record<string, string>, links: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'back-resolution-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const [path, target] of Object.entries(links)) symlinkSync(join(folder, target), join(folder, path));
  const start = `import { cacheResolutions } from ${JSON.stringify(CACHE)}; cacheResolutions(); await import(${JSON.stringify(join(folder, 'main.ts'))});`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', start], { encoding: 'utf8' });
  return stdout + stderr;
}

it('imports of one file from several places mean one module', () => {
  const printed = run({
    'main.ts': `import { one } from './a/one.ts'; import { two } from './b/two.ts'; console.log(one === two);`,
    'a/one.ts': `export { thing as one } from '../thing.ts';`,
    'b/two.ts': `export { thing as two } from '../thing.ts';`,
    'thing.ts': 'export const thing: object = {};',
  });
  expect(printed).toBe('true\n');
});

it('a file and a link to it stay one module, as without the cache', () => {
  const printed = run(
    {
      'main.ts': `import { thing } from './thing.ts'; import { thing as linked } from './link.ts'; import { again } from './again.ts'; console.log(thing === linked, linked === again);`,
      'again.ts': `export { thing as again } from './link.ts';`,
      'thing.ts': 'export const thing: object = {};',
    },
    { 'link.ts': 'thing.ts' },
  );
  expect(printed).toBe('true true\n');
});

it('a file in a folder and in a link to it stays one module', () => {
  const printed = run(
    {
      'main.ts': `import { thing } from './real/thing.ts'; import { thing as linked } from './linked/thing.ts'; console.log(thing === linked);`,
      'real/thing.ts': 'export const thing: object = {};',
    },
    { linked: 'real' },
  );
  expect(printed).toBe('true\n');
});

it('a CommonJS file finds its neighbours with their extension and without', () => {
  const printed = run({
    'main.ts': `import one from './lib/one.js'; console.log(one);`,
    'lib/package.json': '{"type":"commonjs"}',
    'lib/one.js': `module.exports = require('./two') + require('./two.js') + require('./folder') + require('./data.json').n;`,
    'lib/two.js': 'module.exports = 2;',
    'lib/data.json': '{"n":4}',
    'lib/folder/index.js': 'module.exports = 3;',
  });
  expect(printed).toBe('11\n');
});

it('an import of a file that is missing says who imports it', () => {
  const printed = run({ 'main.ts': `import './inner.ts';`, 'inner.ts': `import './missing.ts';` });
  expect(printed).toMatch(/Cannot find module .*missing\.ts' imported from .*inner\.ts/);
});

it('packages of two folders with one name stay two', () => {
  const printed = run({
    'main.ts': `import a from './a/index.ts'; import b from './b/index.ts'; console.log(a, b);`,
    'a/index.ts': `export { default } from 'same';`,
    'a/node_modules/same/package.json': '{"type":"module","exports":"./index.js"}',
    'a/node_modules/same/index.js': `export default 'of a';`,
    'b/index.ts': `export { default } from 'same';`,
    'b/node_modules/same/package.json': '{"type":"module","exports":"./index.js"}',
    'b/node_modules/same/index.js': `export default 'of b';`,
  });
  expect(printed).toBe('of a of b\n');
});
