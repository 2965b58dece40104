import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { inTrace, newUsage } from '../../../../src/app/observability/trace.ts';
import { startApi } from '../../../helpers/api.ts';
import { PURPOSES } from '../../../helpers/test-product/files.ts';
import { uploader, uploadsFolder } from '../../../helpers/uploads.ts';

const folder = uploadsFolder();
const clock = { now: () => new Date(Date.now() + clock.ahead_ms), ahead_ms: 0 };
const settings = { STORAGE_DIRECTORY: folder, RATE_LIMITS: 'false' };
const api = startApi(settings, { filePurposes: PURPOSES, clock });
const { send, here, begin, put, complete, ready, fetch: download } = uploader(api);

const codeOf = async (answer: Response): Promise<unknown> => [
  answer.status,
  ((await answer.json()) as { code: string }).code,
];

describe('the address of an upload', () => {
  const refusedAt = async (url: string, body: string = 'bytes', type = 'image/png') => {
    const answer = await fetch(await here(url), { method: 'PUT', body, headers: { 'content-type': type } });
    return codeOf(answer);
  };
  const nothingAt = (id: string): void => expect(existsSync(join(folder, id))).toBe(false);

  it.each([
    ['another size', (url: URL) => url.searchParams.set('size', '6')],
    ['another type', (url: URL) => url.searchParams.set('type', 'text/html')],
    ['a later end', (url: URL) => url.searchParams.set('expires', '9999999999')],
    ['another file', (url: URL) => (url.pathname = url.pathname.replace(/.$/, (last) => (last === '0' ? '1' : '0')))],
    ['another key', (url: URL) => url.searchParams.set('key', 'x')],
    ['another signature', (url: URL) => url.searchParams.set('signature', 'A'.repeat(43))],
    ['an empty signature', (url: URL) => url.searchParams.set('signature', '')],
  ])('with %s is forbidden, and nothing is written', async (_what, change) => {
    const begun = await begin(await api.user());
    const before = readdirSync(folder).length;
    const url = new URL(begun.upload.url);
    change(url);
    expect(await refusedAt(url.href)).toEqual([403, 'forbidden']);
    expect(readdirSync(folder)).toHaveLength(before);
  });

  it('removes what a process that was ended left of former contents, and nothing that may be under way', async () => {
    const begun = await begin(await api.user());
    const place = join(folder, begun.id);
    mkdirSync(place);
    for (const name of ['old.part', 'young.part']) writeFileSync(join(place, name), 'byt');
    const before = new Date(Date.now() - 120_000);
    utimesSync(join(place, 'old.part'), before, before);
    expect((await put(begun, 'bytes')).status).toBe(200);
    expect(readdirSync(place).sort()).toEqual(['content', 'type', 'young.part']);
  });

  it('is no address of a download, and the other way round', async () => {
    const user = await api.user();
    const begun = await begin(user);
    expect((await fetch(await here(begun.upload.url))).status).toBe(422);
    const forged = begun.upload.url.replace('size=5', 'name=5');
    expect(await codeOf(await fetch(await here(forged)))).toEqual([403, 'forbidden']);
  });

  it.each([
    ['of another type', 'bytes', 'text/html'],
    ['with parameters of the type', 'bytes', 'image/png; charset=utf-8'],
    ['shorter', 'byte', 'image/png'],
    ['longer', 'bytes!', 'image/png'],
  ])('takes nothing %s', async (_what, body, type) => {
    const begun = await begin(await api.user());
    expect(await refusedAt(begun.upload.url, body, type)).toEqual([409, 'upload_mismatch']);
    nothingAt(begun.id);
    expect((await put(begun)).status).toBe(200);
  });

  it('takes no content whose length is not told', async () => {
    const begun = await begin(await api.user());
    const stream = new Blob(['bytes']).stream();
    const options = { method: 'PUT', body: stream, headers: begun.upload.headers, duplex: 'half' };
    const answer = await fetch(await here(begun.upload.url), options as RequestInit);
    expect(await codeOf(answer)).toEqual([409, 'upload_mismatch']);
    nothingAt(begun.id);
  });

  it('takes nothing for a file that is deleted', async () => {
    const user = await api.user();
    const begun = await begin(user);
    expect((await send(user, 'DELETE', `/files/${begun.id}`)).status).toBe(204);
    expect(await codeOf(await put(begun))).toEqual([404, 'file_not_found']);
    nothingAt(begun.id);
  });

  it('takes two contents at once, of which the rest has nothing on the disk', async () => {
    const user = await api.user();
    const begun = await begin(user);
    const url = new URL(await here(begun.upload.url));
    const open = (): Socket => {
      const socket = connect(Number(url.port), url.hostname);
      const head = `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\n`;
      socket.on('error', () => {}).write(`${head}byt`);
      return socket;
    };
    const held = [open(), open()];
    const parts = () => (existsSync(join(folder, begun.id)) ? readdirSync(join(folder, begun.id)) : []);
    await expect.poll(parts).toHaveLength(2);
    expect(await codeOf(await put(begun))).toEqual([409, 'conflict']);
    expect(parts()).toHaveLength(2);
    for (const socket of held) socket.destroy();
    await expect.poll(parts).toHaveLength(0);
    expect((await put(begun)).status).toBe(200);
  });

  it('has a quarter of the places for one network', async () => {
    const user = await api.user();
    const write = (ip: string, id: string, content: Readable) =>
      inTrace({ ip, usage: newUsage(), span: undefined }, () =>
        api.app.ctx.storage?.folder?.write(id, { size: 5, type: 'image/png' }, content),
      );
    const stalled = Array.from({ length: 17 }, () => new PassThrough());
    const ids: string[] = [];
    for (const _one of stalled) ids.push((await begin(user, { purpose: 'paper', type: 'text/plain' })).id);
    const waiting = stalled.map((content, n) => write('192.0.2.1', ids[n] ?? '', content));
    await expect.poll(() => ids.filter((id) => existsSync(join(folder, id)))).toHaveLength(16);
    const { id } = await begin(user);
    expect(await write('198.51.100.1', id, Readable.from(['bytes']))).toBe(true);
    expect(existsSync(join(folder, ids[16] ?? ''))).toBe(false);
    for (const content of stalled) content.end('bytes');
    expect(await Promise.all(waiting)).toEqual(Array(17).fill(true));
  });

  it('takes one content, of many at once too, and keeps the first', async () => {
    const user = await api.user();
    const begun = await begin(user);
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => put(begun, `byte${n}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const kept = answers.findIndex(({ status }) => status === 200);
    expect((await complete(user, begun.id)).status).toBe(200);
    expect(await codeOf(await put(begun, 'other'))).toEqual([409, 'conflict']);
    expect(await (await download(user, begun.id)).text()).toBe(`byte${kept}`);
    expect(readdirSync(join(folder, begun.id)).sort()).toEqual(['content', 'type']);
  });

  it('ends after a quarter of an hour, that of a download after five minutes', async () => {
    const user = await api.user();
    const id = await ready(user);
    const begun = await begin(user);
    const { url } = (await (await send(user, 'GET', `/files/${id}?redirect=false`)).json()) as { url: string };
    try {
      clock.ahead_ms = 299_000;
      expect((await fetch(await here(url))).status).toBe(200);
      clock.ahead_ms = 301_000;
      expect(await codeOf(await fetch(await here(url)))).toEqual([403, 'forbidden']);
      clock.ahead_ms = 901_000;
      expect(await refusedAt(begun.upload.url)).toEqual([403, 'forbidden']);
      nothingAt(begun.id);
    } finally {
      clock.ahead_ms = 0;
    }
  });

  it.each(['..%2f..%2fetc%2fpasswd', '..', '%2e%2e%2fcontent', '019AB7C5-6F3E-7C1A-9D55-8F0E4B2A1C3D', '%00'])(
    'leads to no other place: %s',
    async (id) => {
      const begun = await begin(await api.user());
      const { search } = new URL(begun.upload.url);
      for (const method of ['PUT', 'GET'] as const) {
        const answer = await api.request({
          method,
          url: `/files/contents/${id}${search}`,
          headers: begun.upload.headers,
        });
        expect([401, 403, 404, 405, 415, 422]).toContain(answer.statusCode);
      }
    },
  );

  it('of a file without a content is 404', async () => {
    const user = await api.user();
    const id = await ready(user);
    const { url } = (await (await send(user, 'GET', `/files/${id}?redirect=false`)).json()) as { url: string };
    await api.app.ctx.storage?.remove(id);
    expect(await codeOf(await fetch(await here(url)))).toEqual([404, 'file_not_found']);
  });
});
