import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { runAside } from '../helpers/aside.ts';
import { installedAside } from '../helpers/installed-aside.ts';
import { casesOf } from '../helpers/short-form.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Generates in a folder of the generator's own; it must have nothing to say about the document. */
async function generated(name: string, context: TestContext): Promise<string> {
  const folder = await installedAside(`generators/${name}`, context);
  copyFileSync(join(ROOT, 'openapi.json'), join(folder, 'openapi.json'));
  const { code, output } = await runAside(folder, 'npm', 'run', 'generate');
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  expect(output.split('\n').filter((line) => /warn|error|deprecat|duplicate|unsupported|⚠/i.test(line))).toEqual([]);
  expect(['generated', 'generated.ts'].some((made) => existsSync(join(folder, made)))).toBe(true);
  return folder;
}

/** The same calls by both: what openapi-typescript writes, and the types in our client. */
const useOf = (types: string): string => `
  import createClient from 'openapi-fetch';
  import type { paths } from './${types}.ts';

  const api = createClient<paths>({ baseUrl: 'http://localhost:8000' });
  const { data, error } = await api.POST('/auth/login', { body: { email: 'a@example.com', password: 'b' } });
  export const token: string | undefined = data?.access_token;
  export const code: string | undefined = error?.code;
  const me = await api.GET('/auth/me');
  export const email: string | undefined = me.data?.email;
  await api.DELETE('/users/{id}', { params: { path: { id: 'x' } } });
  const page = await api.GET('/users', { params: { query: { role: 'admin', limit: 10 } } });
  export const cursor: string | null | undefined = page.data?.next_cursor;
  // @ts-expect-error: there is no such path
  await api.GET('/auth/you');
  // @ts-expect-error: a login has a password
  await api.POST('/auth/login', { body: { email: 'a@example.com' } });
  // @ts-expect-error: a role is one of two
  await api.GET('/users', { params: { query: { role: 'king' } } });
`;

describe('the document feeds', () => {
  it('openapi-typescript without a warning, and openapi-fetch takes its types and the client’s alike', {
    timeout: 600_000,
  }, async (context) => {
    const folder = await generated('openapi-typescript', context);
    copyFileSync(join(ROOT, 'packages/client/src/client.ts'), join(folder, 'client.ts'));
    for (const types of ['generated', 'client']) writeFileSync(join(folder, `use-${types}.ts`), useOf(types));
    const strict = ['--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions', '--target', 'es2022'];
    const place = ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable'];
    const tsc = ['node_modules/typescript/bin/tsc', ...strict, ...place, 'use-generated.ts', 'use-client.ts'];
    expect(await runAside(folder, 'node', ...tsc)).toEqual({ code: 0, output: '' });
  });

  for (const name of casesOf(['orval', 'hey-api'], 2, 1)) {
    it(`${name} without a warning`, { timeout: 600_000 }, async (context) => {
      await generated(name, context);
    });
  }
});
