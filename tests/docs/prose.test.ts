import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** Words of conversation for which a manual has a noun or a plain condition. */
const WORDS = [
  /\b(?:whoever|whomever|somebody|so many)\b/i,
  /[,;:.] else(?! if\b)\b/,
  /(?:^|[.:;] )Where (?:a|an|both|few|it|no|nothing|one|others?|that|the|there|this|your)\b/,
];
/** Where the path of a document may begin. */
const FOLDERS = ['', 'src', 'src/app', 'tests', 'tests/fuzz'];
/** Paths that stand for others. */
const EXAMPLES = new Set(['keys/supabase.json', 'tests/file.test.ts']);

const documents = [
  ...['CONTRIBUTING.md', 'AGENTS.md', 'UPGRADING.md', '.env.example'],
  // A product writes these itself.
  ...(readFileSync(join(ROOT, 'README.md'), 'utf8').startsWith('# Back API\n') ? ['README.md', 'CHANGELOG.md'] : []),
  ...filesOf('docs', /\.md$/),
  ...filesOf('packages', /\.md$/),
  ...filesOf('deploy', /\.(?:ya?ml|cfg|ini|sh|sql|service)$|Dockerfile$/),
];
/** Comments and printed sentences are read as documents are. */
const sources = ['bench', 'bin', 'packages', 'src', 'tests/helpers'].flatMap((folder) => filesOf(folder, /\.[jt]s$/));

describe.each(documents)('%s', (path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');

  it('is written in the words of a manual', () => {
    const offenders = proseOf(text)
      .split('\n')
      .filter((line) => WORDS.some((word) => word.test(line)));
    expect(offenders).toEqual([]);
  });

  it('names only files that exist', () => {
    const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:cfg|js|json|md|sh|sql|ts|ya?ml))`/g)];
    const folders = [dirname(path), ...FOLDERS];
    const missing = named
      .map(([, name = '']) => name)
      .filter((name) => !EXAMPLES.has(name) && !/\bnotes\b/.test(name))
      .filter((name) => !folders.some((folder) => existsSync(join(ROOT, folder, name))));
    expect(missing).toEqual([]);
  });
});

it.each(sources)('%s is written in the words of a manual', (path) => {
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
  expect(lines.filter((line) => /\b(?:whoever|whomever|somebody|so many)\b/i.test(line))).toEqual([]);
});

/** The text without code and without the titles of tests, which a table quotes as they are. */
function proseOf(text: string): string {
  return text
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[\w./-]+` › .*?(?=<br>| \|$)/gm, '')
    .replace(/`[^`\n]*`/g, '');
}

function filesOf(folder: string, name: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}
