import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { liveRoutes } from '../helpers/operations.ts';
import { isProven, type Proof, proofsIn } from '../helpers/proofs.ts';
import { filePurposes } from '../helpers/test-product.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
const STATES = ['kept', 'yours', 'n/a', 'not yet', 'not kept'];

interface Row {
  id: string;
  state: string;
  proofs: Proof[];
}

const rows: Row[] = [...PAGE.matchAll(/^\| (\d[\d., –]*) \| L[123L–]* \| ([^|]+) \| (.*) \|$/gm)].map(
  ([, id = '', state = '', text = '']) => ({
    id,
    state,
    proofs: proofsIn(text),
  }),
);

describe('docs/security.md', () => {
  it('has a known state for each row, and each row once', () => {
    expect(rows.length).toBeGreaterThan(150);
    expect(rows.filter(({ state }) => !STATES.includes(state))).toEqual([]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it('names only tests that exist', () => {
    const proofs = rows.flatMap((row) => row.proofs);
    expect(proofs.length).toBeGreaterThan(100);
    expect(proofs.filter((proof) => !isProven(proof))).toEqual([]);
  });

  it('says who may call what as the running routes do', async () => {
    const pages = ['/docs/', '/redoc', '/openapi.json'];
    const routes = (await liveRoutes({}, { filePurposes }))
      .filter(
        ({ method, url, hidden }) => method !== 'HEAD' && method !== 'OPTIONS' && (!hidden || pages.includes(url)),
      )
      .map(
        ({ auth, method, url }) => `${auth ?? 'public'} ${method} ${url.replace(/:(\w+)/g, '{$1}').replace(/\/$/, '')}`,
      );
    // Your own resources are yours to describe; of those that the page names it tells all.
    const named = documented();
    const areas = new Set(named.map(areaOf));
    expect(named.sort()).toEqual(routes.filter((route) => areas.has(areaOf(route))).sort());
  });
});

/** The first segment of a route's path. */
function areaOf(route: string): string {
  return route.split('/')[1] ?? '';
}

/** `auth METHOD /path` for each route of the page's table. */
function documented(): string[] {
  const table = /<!-- access:.*?\n\n/s.exec(PAGE)?.[0] ?? '';
  const lines = table.split('\n').filter((line) => /^\| (everybody|a user|an administrator)/.test(line));
  return lines.flatMap((line, index) =>
    [...line.matchAll(/`([A-Z]+ [^`]+)`/g)].map(([, route]) => `${['public', 'user', 'admin'][index]} ${route}`),
  );
}
