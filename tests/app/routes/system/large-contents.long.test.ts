import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { get, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startApi } from '../../../helpers/api.ts';
import { PURPOSES } from '../../../helpers/test-product/files.ts';
import { uploader, uploadsFolder } from '../../../helpers/uploads.ts';

const MIB = 1024 * 1024;
const SIZE = 256 * MIB;

const folder = uploadsFolder();
const api = startApi({ STORAGE_DIRECTORY: folder, RATE_LIMITS: 'false' }, { filePurposes: PURPOSES });
const { send, here, begin, put, complete, ready, fetch: download } = uploader(api);

/** Sends chunk after chunk, each once the one before is taken; gives the status and the most memory that the process had. */
async function sendLarge(url: string, type: string): Promise<{ status: number; peak_bytes: number }> {
  const sent = request(url, { method: 'PUT', headers: { 'content-type': type, 'content-length': SIZE } });
  const chunk = Buffer.alloc(MIB, 'x');
  let peak_bytes = 0;
  for (let left = SIZE; left > 0; left -= MIB) {
    if (!sent.write(chunk)) await once(sent, 'drain');
    peak_bytes = Math.max(peak_bytes, process.memoryUsage.rss());
  }
  sent.end();
  const [answer] = await once(sent, 'response');
  answer.resume();
  return { status: answer.statusCode, peak_bytes };
}

const failures = (): unknown[] => api.logs.filter(({ status }) => Number(status) >= 500);

describe('a content', () => {
  it('of 256 MiB goes to the folder and back, and the process does not hold it', async () => {
    const user = await api.user();
    await ready(user, { type: 'text/plain', purpose: 'paper' });
    const begun = await begin(user, { size: SIZE, type: 'text/plain', purpose: 'paper' });
    const before = process.memoryUsage.rss();
    const { status, peak_bytes } = await sendLarge(await here(begun.upload.url), 'text/plain');
    expect(status).toBe(200);
    expect(peak_bytes - before).toBeLessThan(96 * MIB);
    expect((await complete(user, begun.id)).status).toBe(200);
    const answer = await download(user, begun.id);
    let bytes = 0;
    let peak_read = 0;
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.byteLength;
      peak_read = Math.max(peak_read, process.memoryUsage.rss());
    }
    expect(bytes).toBe(SIZE);
    expect(peak_read - before).toBeLessThan(128 * MIB);
  });

  it('that breaks off leaves nothing, is no failure of the server, and may come again', async () => {
    const user = await api.user();
    const size = 5 * MIB;
    const begun = await begin(user, { size, type: 'text/plain', purpose: 'paper' });
    const url = new URL(await here(begun.upload.url));
    const socket = connect(Number(url.port), '127.0.0.1');
    socket.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: ${size}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(MIB));
    const place = join(folder, begun.id);
    await expect.poll(() => existsSync(place) && readdirSync(place).length).toBe(1);
    socket.destroy();
    await expect.poll(() => readdirSync(place)).toEqual([]);
    expect(failures()).toEqual([]);
    expect((await put(begun, 'x'.repeat(size))).status).toBe(200);
    expect(statSync(join(place, 'content')).size).toBe(size);
  });

  it('is closed once its client goes away in the middle of it', async () => {
    const user = await api.user();
    const id = await ready(user, { type: 'text/plain', purpose: 'paper' }, 'x'.repeat(20 * MIB));
    const { headers } = await send(user, 'GET', `/files/${id}`);
    const url = await here(headers.get('location') ?? '');
    const before = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 10; round++) {
      const [answer] = await once(get(url, { agent: false }), 'response');
      await once(answer, 'data');
      answer.destroy();
    }
    await expect.poll(() => readdirSync('/proc/self/fd').length, { timeout: 10_000 }).toBeLessThan(before + 5);
    expect(failures()).toEqual([]);
  });
});

describe('a folder that cannot be written', () => {
  const blocked = join(uploadsFolder(), 'file');
  writeFileSync(blocked, '');
  const broken = startApi({ STORAGE_DIRECTORY: join(blocked, 'below') }, { filePurposes: PURPOSES });
  const client = uploader(broken);

  it('is 503 for the content and for its completion, and the file stays pending', async () => {
    const user = await broken.user();
    const begun = await client.begin(user);
    expect((await client.put(begun)).status).toBe(503);
    expect((await client.complete(user, begun.id)).status).toBe(503);
    expect(await broken.sql('select state from files')).toEqual([{ state: 'pending' }]);
  });
});
