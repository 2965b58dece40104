import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changesOf, namesOf } from '../../src/cli/rename/changes.ts';
import { type CliProject, createCliProject } from '../helpers/cli-project.ts';

const ROOT = join(import.meta.dirname, '../..');
const BACK = { name: 'Back API', slug: 'back-api' };

describe('a name', () => {
  it.each([
    ['Book Club', 'book-club'],
    ["Reader's Digest & Co.", 'readers-digest-co'],
    ['Bücher', 'bucher'],
    ['4th Wall', undefined],
    ['日本', undefined],
    ['', undefined],
    [' Book', undefined],
    ['Book "Club"', undefined],
    ['a\\b', undefined],
    ['two\nlines', undefined],
    ['x'.repeat(61), undefined],
    ['<b>', undefined],
  ])('%j is %s for programs, or is refused in one sentence', (name, slug) => {
    if (slug !== undefined) expect(namesOf(name)).toEqual({ name, slug });
    else expect(() => namesOf(name)).toThrow(/^".*" is no name.*$/);
  });

  it('may have another form for programs, within the same rules', () => {
    expect(namesOf('日本', 'nihon')).toEqual({ name: '日本', slug: 'nihon' });
    for (const slug of ['Book', 'a--b', '-a', 'a_b', '1a', 'a'.repeat(41)])
      expect(() => namesOf('Book', slug)).toThrow('is no name for programs');
  });
});

describe('another name', () => {
  const changes = changesOf(ROOT, { from: BACK, to: { name: "Reader's Club", slug: 'readers' } });
  const textOf = (path: string): string => changes.find((change) => change.path === path)?.text ?? '';

  it('changes the door of the product, the package and the deployment, and nothing else', () => {
    const paths = changes.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['src/app/product.ts', 'package.json', 'package-lock.json']));
    const others = paths.filter((path) => !path.startsWith('deploy/'));
    expect(others).toHaveLength(3);
    expect(textOf('src/app/product.ts')).toContain(`name: "Reader's Club"`);
    expect(JSON.parse(textOf('package-lock.json')).packages['']).toMatchObject({ name: 'readers' });
    expect(changes.find(({ path }) => path === 'package.json')?.lines).toBe(1);
  });

  it('leaves no old name in the deployment but the one that is stored: the URN of problems', () => {
    const deployment = changes.filter(({ path }) => path.startsWith('deploy/')).map(({ text }) => text);
    expect(deployment.length).toBeGreaterThan(10);
    const left = deployment.join('\n').replaceAll('urn:problem-type:back-api:', '');
    expect(left).not.toMatch(/back-api|Back API/);
    expect(textOf('deploy/haproxy.cfg')).toBe('');
  });

  it('and the first name again are the files as they were', () => {
    for (const { path, text } of changes.filter(({ path }) => !path.startsWith('deploy/'))) {
      const back = text.replace(`"Reader's Club"`, `'Back API'`).replaceAll(`'readers'`, `'back-api'`);
      expect(back.replaceAll('"name": "readers"', '"name": "back-api"')).toBe(readFileSync(join(ROOT, path), 'utf8'));
    }
  });
});

describe('back rename', () => {
  let project: CliProject;
  beforeAll(() => {
    project = createCliProject({ url: 'postgresql://nobody@127.0.0.1:1/none' });
    for (const name of ['deploy', 'docs', '.env.example', 'openapi.json'])
      cpSync(join(ROOT, name), join(project.root, name), { recursive: true });
  });
  afterAll(() => project.end());
  const read = (path: string): string => readFileSync(join(project.root, path), 'utf8');

  it('shows by --dry-run what it would change, and writes nothing', async () => {
    const { code, stdout } = await project.back('rename', 'Book Club', '--dry-run');
    expect([code, stdout]).toEqual([0, expect.stringContaining('Would change src/app/product.ts: 2 lines\n')]);
    expect(read('src/app/product.ts')).toBe(readFileSync(join(ROOT, 'src/app/product.ts'), 'utf8'));
  });

  it('changes the name and what is generated from it, and says so if it is the name already', async () => {
    expect(await project.back('rename', 'Book Club')).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(read('openapi.json')).info.title).toBe('Book Club');
    expect(JSON.parse(read('package.json')).name).toBe('book-club');
    const again = await project.back('rename', 'Book Club');
    expect([again.code, again.stdout]).toEqual([0, "The product's name is Book Club already\n"]);
    expect((await project.back('--help')).stdout).toContain('Book Club: serve it');
  });

  it('refuses what is no name in one sentence, and changes nothing', async () => {
    const before = read('src/app/product.ts');
    const { code, stdout, stderr } = await project.back('rename', '$(rm)');
    expect([code, stdout, stderr.trim().split('\n')]).toEqual([
      1,
      '',
      [expect.stringMatching(/^"\$\(rm\)" is no name/)],
    ]);
    expect(read('src/app/product.ts')).toBe(before);
  });
});
