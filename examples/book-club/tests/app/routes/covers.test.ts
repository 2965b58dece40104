import { expect, it } from 'vitest';
import { startApi } from '../../helpers/api.ts';
import { thingsOf } from '../../helpers/operations.ts';

const api = startApi();
const things = thingsOf('clubs');
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(1000, 7)]);

it('a cover is read as it was set, and is what its bytes are', async () => {
  const user = await api.user();
  const { access_token: token } = user;
  const payload = { title: 'Emma', author: 'Jane Austen' };
  const made = await api.request({
    method: 'POST',
    url: `/clubs/${(await things(user, api)).clubs}/books`,
    token,
    payload,
  });
  const url = `/books/${made.json().id}/cover`;
  const put = (type: string, payload: Buffer) =>
    api.request({ method: 'PUT', url, token, headers: { 'content-type': type }, payload });
  expect((await api.request({ url, token })).json().code).toBe('cover_not_found');
  expect((await put('image/png', JPEG)).statusCode).toBe(204);
  const read = await api.request({ url, token });
  expect([read.headers['content-type'], read.rawPayload]).toEqual(['image/jpeg', JPEG]);
  for (const [type, bytes] of [
    ['image/png', Buffer.from('<svg onload="alert(1)"/>')],
    ['text/html', JPEG],
  ] as const)
    expect((await put(type, bytes)).json().code).toBe('unsupported_media_type');
  expect((await put('image/png', Buffer.alloc(256 * 1024 + 1))).json().code).toBe('payload_too_large');
  expect((await api.request({ url, token })).rawPayload).toEqual(JPEG);
});
