import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../ui/errors.ts';

/** The name that people read, and the one that programs read. */
export interface Names {
  name: string;
  slug: string;
}

/** A file with another text than it has, and the number of lines that differ. */
export interface Change {
  path: string;
  text: string;
  lines: number;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} .'&-]{0,59}$/u;
const SLUG = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_SLUG = 40;
/** What stands before a stored name: the URN of problems does not follow the product. */
const STORED = '(?<!urn:problem-type:)';

/** Both names; throws a sentence if one of them cannot be used. */
export function namesOf(name: string, slug: string = slugOf(name)): Names {
  if (!NAME.test(name) || name !== name.trim())
    throw new CommandError(
      `${JSON.stringify(name)} is no name: it has 1 to 60 letters, digits, spaces and . ' & -, and begins with a letter or a digit`,
    );
  if (!SLUG.test(slug) || slug.length > LONGEST_SLUG)
    throw new CommandError(
      `${JSON.stringify(slug)} is no name for programs: it has at most ${LONGEST_SLUG} of a-z, 0-9 and single -, and begins with a letter; say it by --slug`,
    );
  return { name, slug };
}

/** What another name changes: the door of the product, the package, and the files of the deployment, which are the product's own. */
export function changesOf(root: string, { from, to }: { from: Names; to: Names }): Change[] {
  const deployment = globSync('deploy/**/*', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
  const edits: [path: string, edit: (text: string) => string][] = [
    ['src/app/product.ts', (text) => inProduct(text, { from, to })],
    ['package.json', (text) => text.replace(`"name": "${from.slug}"`, `"name": "${to.slug}"`)],
    // Twice: for the lockfile and for its first package.
    ['package-lock.json', (text) => text.replaceAll(`"name": "${from.slug}"`, `"name": "${to.slug}"`)],
    ...deployment
      .sort()
      .map((path): [string, (text: string) => string] => [path, (text) => inText(text, { from, to })]),
  ];
  return edits.flatMap(([path, edit]) => {
    if (!existsSync(join(root, path))) return [];
    const before = readFileSync(join(root, path), 'utf8');
    const text = edit(before);
    return text === before ? [] : [{ path, text, lines: differences(before, text) }];
  });
}

function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll("'", '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

function inProduct(text: string, { from, to }: { from: Names; to: Names }): string {
  return text
    .replace(`name: ${literal(from.name)}`, () => `name: ${literal(to.name)}`)
    .replace(`slug: ${literal(from.slug)}`, `slug: ${literal(to.slug)}`);
}

/** A string of the source, in the quotes that need no escape. */
function literal(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

function inText(text: string, { from, to }: { from: Names; to: Names }): string {
  const whole = (word: string): RegExp =>
    new RegExp(`${STORED}(?<![\\w-])${word.replace(/[.&'-]/g, '\\$&')}(?![\\w])`, 'g');
  return text.replace(whole(from.slug), to.slug).replace(whole(from.name), () => to.name);
}

function differences(before: string, after: string): number {
  const lines = after.split('\n');
  return before.split('\n').filter((line, index) => line !== lines[index]).length;
}
