import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { minify } from 'rolldown/experimental';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientText } from '../../src/cli/generate/client.ts';
import { startWithTestProduct } from '../helpers/test-product.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLIENT = readFileSync(join(ROOT, 'packages/client/src/client.ts'), 'utf8');

/** A client of the test product's routes, which a test knows. */
interface Generated {
  createClient: (options: object) => {
    kitNotes: {
      create: (body: object) => Promise<{ id: string; title: string }>;
      all: (query?: object) => AsyncIterable<{ title: string }>;
      update: (id: string, body: object) => Promise<{ title: string }>;
      delete: (id: string) => Promise<void>;
      get: (id: string) => Promise<object>;
    };
    auth: { register: (body: object) => Promise<object> };
    fetch: typeof fetch;
  };
}

const api = startWithTestProduct({ RATE_LIMITS: 'false' });
const folder = mkdtempSync(join(tmpdir(), 'back-client-'));
let text: string;
let client: ReturnType<Generated['createClient']>;

beforeAll(async () => {
  const baseUrl = `http://127.0.0.1:${await api.listen()}/`;
  text = clientText((await api.request({ url: '/openapi.json' })).body);
  const path = join(folder, 'client.mjs');
  writeFileSync(path, stripTypeScriptTypes(text));
  const { createClient }: Generated = await import(/* @vite-ignore */ path);
  client = createClient({ baseUrl });
  await client.auth.register({ email: 'ada@example.com', password: 'correct horse battery staple' });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the generated client', () => {
  it('has at most 6 kB, minified and gzipped', async () => {
    const { code } = await minify('client.js', stripTypeScriptTypes(CLIENT), { module: true });
    expect(code).toContain('/auth/refresh');
    expect(gzipSync(code).length).toBeLessThan(6 * 1024);
  });

  it.each([
    ['a page', ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable']],
    ['a page that asks for more', ['--module', 'nodenext', '--lib', 'es2024,dom', '--exactOptionalPropertyTypes']],
    [
      'Node',
      ['--module', 'nodenext', '--lib', 'es2022', '--types', 'node', '--typeRoots', `${ROOT}/node_modules/@types`],
    ],
  ])('compiles in the project of %s', (_, options) => {
    writeFileSync(join(folder, 'client.mts'), text);
    const strict = ['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--isolatedModules', '--erasableSyntaxOnly'];
    const { stdout, status } = spawnSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      [...strict, '--target', 'es2022', ...options, 'client.mts'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });

  it('creates, lists over pages, changes and deletes a resource that it was generated with', async () => {
    const titles = ['one', 'two', 'three'];
    const notes = [];
    for (const title of titles) notes.push(await client.kitNotes.create({ title }));
    const found = [];
    for await (const { title } of client.kitNotes.all({ limit: 1 })) found.push(title);
    expect(found).toEqual(titles.toReversed());
    const id = notes[0]?.id ?? '';
    expect(await client.kitNotes.update(id, { title: 'first' })).toMatchObject({ id, title: 'first' });
    expect(await client.kitNotes.delete(id)).toBe(undefined);
    await expect(client.kitNotes.get(id)).rejects.toMatchObject({ status: 404, request_id: expect.any(String) });
  });

  it('sends nothing if a value of the path is missing or leads to another path', async () => {
    for (const id of ['', '.', '..'])
      await expect(client.kitNotes.get(id)).rejects.toThrow(new TypeError('id is missing'));
    await expect(client.kitNotes.get('../auth/me')).rejects.toMatchObject({ status: 422 });
  });

  it('has a fetch with the session for other libraries', async () => {
    const answer = await client.fetch(`http://127.0.0.1:${await api.listen()}/auth/me`);
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ email: 'ada@example.com' })]);
  });

  it('has nested lists with their resource, and text, comments and codes of the document', () => {
    expect(text).toContain("/** The codes of the API's refusals. */\nexport type ErrorCode = 'malformed_request' |");
    expect(text).toMatch(/ {2}kitNotes: \{\n {4}list: "GET \/kit-notes q",\n {4}all: "GET \/kit-notes qp",/);
  });
});
