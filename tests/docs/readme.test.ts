import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/app/config.ts';
import { startApi } from '../helpers/api.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The headings of the page that this one follows: links from elsewhere lead to them. */
const HEADINGS = [
  '## Setup',
  '## Database Configuration',
  '### Using Supabase (Recommended for Production)',
  '### Using Local PostgreSQL (Development)',
  '## Database Migrations',
  '## Running the Application',
  '## Project Structure',
  '## Best Practices',
  '### Connection Pooling',
  '### Error Handling',
  '### Security',
  '## Troubleshooting',
  '### Database Connection Issues',
  '### Migration Issues',
  '## Environment Variables',
];

const api = startApi();

// A product writes a README of its own.
describe.skipIf(!README.startsWith('# Back API\n'))('README.md', () => {
  it('has its headings in their order, in at most 140 lines', () => {
    const headings = README.split('\n').filter((line) => line.startsWith('#'));
    expect(headings.filter((heading) => HEADINGS.includes(heading))).toEqual(HEADINGS);
    expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(140);
  });

  it('names the variables that people set with their defaults', () => {
    const rows = [...README.matchAll(/^\| `([A-Z_]+)` \| `?([^`|]+?)`? \|/gm)].map(([, name, text]) => [name, text]);
    const settings = new Map<string, { default: string | null }>(Object.entries(SETTINGS));
    expect(rows).toHaveLength(12);
    for (const [name = '', text] of rows) {
      const { default: value = undefined } = settings.get(name) ?? {};
      expect([name, value === null ? 'required' : value || 'empty']).toEqual([name, text]);
    }
  });

  it('shows a tree of files and folders that exist', () => {
    const tree = /^src\/app\/\n[\s\S]*?(?=^```)/m.exec(README)?.[0] ?? '';
    const paths = tree
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .flatMap((line) => {
        const names = (line.split('#')[0] ?? '').replace(/^[├└]── /, '').split(',');
        return names.map((name) => join(/^[├└]/.test(line) ? 'src/app' : '', name.trim()));
      });
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  const missing = ['bash', 'curl'].filter((program) => spawnSync(program, ['--version']).error !== undefined);
  const skipped = missing.length > 0 ? ` (skipped: ${missing.join(' and ')} is not installed)` : '';

  it.skipIf(skipped !== '')(`makes a first account and an item of its own${skipped}`, async () => {
    const commands = [...README.matchAll(/^```bash\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
    const first = commands.find((text) => text.includes('/auth/register')) ?? '';
    const port = await api.listen();
    const script = first.replaceAll('http://localhost:8000', `http://127.0.0.1:${port}`);
    const { stdout } = await promisify(execFile)('bash', ['-ec', script]);
    expect(JSON.parse(stdout)).toMatchObject({ title: 'My first item', owner_id: expect.any(String) });
  });
});

describe('docs/README.md', () => {
  it('has every document on one of three shelves', () => {
    const page = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
    expect(page.match(/^## .*/gm)).toEqual(['## Learn', '## Operate', '## Evidence']);
    const documents = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.md') && name !== 'README.md' && !name.startsWith('decisions/'),
    );
    expect(documents.length).toBeGreaterThan(10);
    expect(documents.filter((name) => page.split(`](${name})`).length !== 2)).toEqual([]);
  });
});

describe('AGENTS.md', () => {
  const page = readFileSync(join(ROOT, 'AGENTS.md'), 'utf8');

  it('is one page', () => {
    expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it('names rooms, files and rules of the kit that exist', () => {
    const named = [...page.matchAll(/`((?:src|tests|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const limits = [...page.matchAll(/at most \d+ lines a file and \d+|at most \w+ lines/g)].map(([text]) => text);
    expect(limits).toEqual(['at most ten lines', 'at most 300 lines a file and 60']);
  });
});

describe('UPGRADING.md', () => {
  const page = readFileSync(join(ROOT, 'UPGRADING.md'), 'utf8');

  it('says of each change what it is, why, how to take it and how to see that it worked', () => {
    const changes = page.split(/^### /m).slice(1);
    expect(changes.length).toBeGreaterThan(0);
    const words = changes.map((text) => text.match(/^\*\*[A-Z][a-z ]+\.\*\*/gm));
    for (const found of words) expect(found).toEqual(['**What.**', '**Why.**', '**Take it.**', '**See it.**']);
  });

  it('has a part for what is not released and for every release of the changelog', () => {
    const versions = (text: string) => text.match(/^## .+$/gm);
    expect(versions(page)).toEqual(versions(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')));
  });
});
