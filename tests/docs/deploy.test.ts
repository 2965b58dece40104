import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/app/config.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const GUIDE = read('docs/guides/deploy.md');
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(join('src', name)));

/** Variables of the compose file, not of the application. */
const OTHERS = new Set(['OWNER_PASSWORD', 'APP_PASSWORD']);

describe('docs/guides/deploy.md', () => {
  it('shows the SQL of the role as it is tested', () => {
    const shown = /```sql\n([\s\S]*?)```/.exec(GUIDE)?.[1];
    expect(shown).toBe(read('deploy/roles.sql'));
  });

  it('names only settings that exist', () => {
    const named = [...GUIDE.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(20);
    expect([...new Set(named)].filter((name) => !(name in SETTINGS) && !OTHERS.has(name))).toEqual([]);
  });

  it('names only files, commands and log events that exist', () => {
    const links = [...GUIDE.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => join('docs/guides', path));
    const files = [...GUIDE.matchAll(/\bdeploy\/[\w./-]*\w\.\w+/g)].map(([path]) => path);
    expect([...links, ...files].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const verbs = [...GUIDE.matchAll(/(?:npx back|`back) ([a-z]+)/g)].map(([, verb]) => verb);
    const main = read('src/cli/main.ts') + read('packages/migrate/src/cli/verbs.ts');
    expect(verbs.length).toBeGreaterThan(5);
    expect(verbs.filter((verb) => !main.includes(`  ${verb}: async`))).toEqual([]);
    const events = [...GUIDE.matchAll(/`((?:process|migrations|audit|limits|session)\.[a-z_]+)`/g)].map(
      ([, event = '']) => event,
    );
    expect(events.length).toBeGreaterThan(4);
    expect(events.filter((event) => !sources.some((text) => text.includes(`'${event}'`)))).toEqual([]);
  });

  it('gives the deadlines that the server has', () => {
    const app = read('src/app/app.ts');
    expect(app).toContain('REQUEST_TIMEOUT_MS = 30_000');
    expect(GUIDE).toContain('which gives up after 30 s');
    expect(app).toContain('keepAliveTimeout: 72_000');
    expect(GUIDE).toContain('(72 s)');
  });
});
