import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/app/config.ts';
import { newId } from '../../src/app/utils/ids.ts';
import { startApi, type TestUser } from '../helpers/api.ts';
import { liveRoutes } from '../helpers/operations.ts';
import { PURPOSES } from '../helpers/test-product/files.ts';
import { uploader, uploadsFolder } from '../helpers/uploads.ts';
import { BOOKS_SQL } from './files/models.ts';
import { coverRoutes } from './files/routes.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/files.md'), 'utf8');
const pieces = [...GUIDE.matchAll(/^```ts\n\/\/ (tests\/[\w/.-]+)\n([\s\S]*?)\n```$/gm)].map(
  ([, path = '', text = '']) => [path, text] as const,
);

describe('docs/guides/files.md', () => {
  it.each(pieces)('shows what %s has, which the tests below run', (path, text) => {
    const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
    const wanted = text.split('\n');
    const begins = lines.findIndex((line) => line.trim() === wanted[0]);
    const indent = (lines[begins] ?? '').search(/\S/);
    expect(lines.slice(begins, begins + wanted.length).map((line) => line.slice(indent))).toEqual(wanted);
  });

  it('shows each piece of code of the book', () => {
    expect(pieces).toHaveLength(4);
  });

  it('names every setting of the storage, and each route', async () => {
    const names = Object.keys(SETTINGS).filter((name) => name.startsWith('STORAGE_'));
    const told = [...GUIDE.matchAll(/^\| `(STORAGE_[A-Z_]+)` \|/gm)].map(([, name]) => name);
    expect(told.sort()).toEqual(names.sort());
    const routes = (await liveRoutes({}, { filePurposes: PURPOSES }))
      .filter(
        ({ method, url, hidden }) => url.startsWith('/files') && method !== 'HEAD' && method !== 'OPTIONS' && !hidden,
      )
      .map(({ method, url }) => `${method} ${url.replace(':id', '{id}')}`);
    const rows = [...GUIDE.matchAll(/^\| `([A-Z]+ \/files[^`]*)` \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(routes.sort());
  });
});

describe('the cover of a book', () => {
  const settings = { STORAGE_DIRECTORY: uploadsFolder(), RATE_LIMITS: 'false' };
  const api = startApi(settings, { filePurposes: PURPOSES, routes: async (app) => void app.register(coverRoutes) });
  const { send, here, ready, begin } = uploader(api);
  let [owner, reader]: TestUser[] = [];

  beforeAll(async () => {
    await api.sql(BOOKS_SQL);
    [owner, reader] = [await api.user(), await api.user()];
  });

  const someone = (user: TestUser | undefined): TestUser => user ?? expect.fail('was registered');
  const book = async (user = someone(owner)): Promise<string> => {
    const id = newId();
    await api.sql('insert into guide_books values ($1, $2, $3)', [id, 'Middlemarch', user.id]);
    return id;
  };
  const setCover = (user: TestUser, id: string, cover_id: string) =>
    api.request({ method: 'PUT', url: `/guide-books/${id}/cover`, token: user.access_token, payload: { cover_id } });
  const coverOf = async (id: string) =>
    (await api.sql<{ cover_id: string }>('select cover_id from guide_books where id = $1', [id]))[0]?.cover_id;

  it('is seen by everybody who sees the book, though the file is not theirs', async () => {
    const id = await book();
    const cover = await ready(someone(owner));
    expect((await setCover(someone(owner), id, cover)).statusCode).toBe(204);
    const answer = await send(someone(reader), 'GET', `/guide-books/${id}/cover`);
    expect(answer.status).toBe(303);
    expect(await (await fetch(await here(answer.headers.get('location') ?? ''))).text()).toBe('bytes');
    expect((await send(someone(reader), 'GET', `/files/${cover}`)).status).toBe(404);
  });

  it('is no file of another user, of another purpose, or that is not there yet; and a refusal changes nothing', async () => {
    const id = await book();
    const user = someone(owner);
    const paper = await ready(user, { purpose: 'paper', type: 'text/plain' });
    const wrong = [await ready(someone(reader)), paper, (await begin(user)).id, newId()];
    for (const cover of wrong) {
      const { statusCode, body } = await setCover(user, id, cover);
      expect([statusCode, JSON.parse(body).code]).toEqual([404, 'file_not_found']);
    }
    const own = await ready(someone(reader));
    expect((await setCover(someone(reader), id, own)).statusCode).toBe(404);
    expect(await coverOf(id)).toBeNull();
    expect((await send(user, 'GET', `/guide-books/${id}/cover`)).status).toBe(404);
  });

  it('that is replaced is deleted, one that is set again stays', async () => {
    const user = await api.user();
    const id = await book(user);
    const [former, next] = [await ready(user), await ready(user)];
    for (const cover of [former, next, next]) expect((await setCover(user, id, cover)).statusCode).toBe(204);
    expect((await send(user, 'GET', `/files/${former}`)).status).toBe(404);
    expect((await send(user, 'GET', `/files/${next}`)).status).toBe(303);
    expect(await coverOf(id)).toBe(next);
  });

  it('goes with the file, and the book stays', async () => {
    const id = await book();
    const cover = await ready(someone(owner));
    await setCover(someone(owner), id, cover);
    expect((await send(someone(owner), 'DELETE', `/files/${cover}`)).status).toBe(204);
    expect(await coverOf(id)).toBeNull();
  });
});
