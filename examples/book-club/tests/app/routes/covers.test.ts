import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../src/app/context.ts';
import { removeOrphans } from '../../../src/app/services/system/file-removals.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { startApi, type TestUser } from '../../helpers/api.ts';
import { thingsOf } from '../../helpers/operations.ts';
import { uploader, uploadsFolder } from '../../helpers/uploads.ts';

const folder = uploadsFolder();
const api = startApi({ STORAGE_DIRECTORY: folder, RATE_LIMITS: 'false' });
const { send, here, ready, begin } = uploader(api);
const things = thingsOf('clubs');

/** The fields of an answer that these tests read, whichever it has. */
const bodyOf = async (answer: Response) =>
  (await answer.json()) as { id: string; url: string; code: string; cover_id: string | null };

/** A club with one book, its organiser and a reader. */
async function shelf(): Promise<{ organiser: TestUser; reader: TestUser; book_id: string; url: string }> {
  const [organiser, reader] = [await api.user(), await api.user()];
  const { clubs } = await things(organiser, api);
  const book = { title: 'Emma', author: 'Jane Austen' };
  const made = await bodyOf(await send(organiser, 'POST', `/clubs/${clubs}/books`, book));
  await send(organiser, 'POST', `/clubs/${clubs}/memberships`, { user_id: reader.id });
  return { organiser, reader, book_id: made.id, url: `/books/${made.id}/cover` };
}

const setCover = (user: TestUser, url: string, cover_id: string) =>
  api.request({ method: 'PUT', url, token: user.access_token, payload: { cover_id } });
const coverOf = async (book_id: string): Promise<unknown> =>
  (await api.sql<{ cover_id: unknown }>('select cover_id from books where id = $1', [book_id]))[0]?.cover_id;
const pictureOf = async (user: TestUser, url: string): Promise<string> => {
  const { url: address } = await bodyOf(await send(user, 'GET', `${url}?redirect=false`));
  return (await fetch(await here(address))).text();
};
const codeOf = async (answer: Response): Promise<string> => (await bodyOf(answer)).code;
const isStored = (id: string): boolean => existsSync(join(folder, id, 'content'));

describe('the cover of a book', () => {
  it('is uploaded by an organiser, and seen by every member of the club', async () => {
    const { organiser, reader, book_id, url } = await shelf();
    expect(await codeOf(await send(reader, 'GET', url))).toBe('cover_not_found');
    const cover = await ready(organiser, {}, 'a picture');
    expect((await setCover(organiser, url, cover)).statusCode).toBe(204);
    expect((await bodyOf(await send(reader, 'GET', `/books/${book_id}`))).cover_id).toBe(cover);
    expect((await send(reader, 'GET', url)).status).toBe(303);
    expect(await pictureOf(reader, url)).toBe('a picture');
    expect((await send(await api.user(), 'GET', url)).status).toBe(404);
  });

  it('is replaced, and the former picture leaves the storage with the next cleanup', async () => {
    const { organiser, reader, url } = await shelf();
    const [former, next] = [await ready(organiser, {}, 'former'), await ready(organiser, {}, 'the next')];
    await setCover(organiser, url, former);
    expect((await setCover(organiser, url, next)).statusCode).toBe(204);
    expect((await send(organiser, 'GET', `/files/${former}`)).status).toBe(404);
    expect(await pictureOf(reader, url)).toBe('the next');
    await removeOrphans(api.app.ctx as RequestContext, {}, { signal: new AbortController().signal });
    expect([isStored(former), isStored(next)]).toEqual([false, true]);
  });

  it('is taken away by an organiser, its file too', async () => {
    const { organiser, reader, book_id, url } = await shelf();
    const cover = await ready(organiser);
    await setCover(organiser, url, cover);
    expect((await send(reader, 'DELETE', url)).status).toBe(403);
    expect(await coverOf(book_id)).toBe(cover);
    expect((await send(organiser, 'DELETE', url)).status).toBe(204);
    expect([await coverOf(book_id), (await send(organiser, 'GET', `/files/${cover}`)).status]).toEqual([null, 404]);
    expect(await codeOf(await send(organiser, 'DELETE', url))).toBe('cover_not_found');
  });

  it('stays as it is for a reader, for a file of another user or one that never came, and for the cover of another book', async () => {
    const { organiser, reader, book_id, url } = await shelf();
    const other = await shelf();
    const taken = await ready(other.organiser);
    await setCover(other.organiser, other.url, taken);
    const cover = await ready(organiser);
    expect((await setCover(organiser, url, cover)).statusCode).toBe(204);
    expect((await setCover(reader, url, await ready(reader))).json().code).toBe('forbidden');
    for (const wrong of [taken, (await begin(organiser)).id, newId()])
      expect((await setCover(organiser, url, wrong)).json().code).toBe('file_not_found');
    const { clubs } = await things(organiser, api);
    const book = { title: 'Persuasion', author: 'Jane Austen' };
    const second = await bodyOf(await send(organiser, 'POST', `/clubs/${clubs}/books`, book));
    expect((await setCover(organiser, `/books/${second.id}/cover`, cover)).json().code).toBe('cover_taken');
    expect([await coverOf(book_id), await coverOf(second.id)]).toEqual([cover, null]);
  });

  it('is one of those that eight set at once, and the others are deleted', async () => {
    const { organiser, book_id, url } = await shelf();
    const covers = await Promise.all(Array.from({ length: 8 }, () => ready(organiser)));
    const answers = await Promise.all(covers.map((cover) => setCover(organiser, url, cover)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(8).fill(204));
    const left = await api.sql<{ id: string }>('select id from files where owner_id = $1', [organiser.id]);
    expect(left).toEqual([{ id: await coverOf(book_id) }]);
  });
});
