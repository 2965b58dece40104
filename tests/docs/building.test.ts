import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/building.md'), 'utf8');

/** The pieces of code, each with the file of the example that it is a part of. */
const pieces = [...GUIDE.matchAll(/^```ts\n\/\/ ([\w/.-]+)\n([\s\S]*?)\n```$/gm)].map(
  ([, path = '', text = '']) => [path, text] as const,
);

describe('docs/guides/building.md', () => {
  it('says of all code which file it is from', () => {
    expect(pieces.length).toBeGreaterThan(20);
    expect(GUIDE.match(/^```ts$/gm)).toHaveLength(pieces.length);
  });

  it.each(pieces)('shows %s as it is in the example: %s', (path, text) => {
    const file = readFileSync(join(ROOT, 'examples/book-club', path), 'utf8').split('\n');
    const lines = text.split('\n');
    const begins = file.flatMap((line, at) => (line.trim() === lines[0] ? [at] : []));
    const found = begins.map((at) => withoutIndent(file.slice(at, at + lines.length)));
    expect(found).toContainEqual(lines);
  });
});

/** The lines without what the first one is indented by. */
function withoutIndent(lines: readonly string[]): string[] {
  const [first = ''] = lines;
  const indent = first.length - first.trimStart().length;
  return lines.map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length)));
}
