import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestApi, TestUser } from './api.ts';

/** A folder of its own, below the run's temporary one. */
export function uploadsFolder(): string {
  return mkdtempSync(join(tmpdir(), 'back-files-'));
}

/** The answer that begins an upload. */
export interface Begun {
  id: string;
  upload: { url: string; headers: Record<string, string> };
  expires_at: string;
}

/** What a user declares; a cover of some bytes if nothing else is said. */
export interface Declared {
  name?: string;
  type?: string;
  size?: number;
  purpose?: string;
}

/** The requests of a client that uploads, over real sockets. */
export function uploader(api: TestApi) {
  const send = async (user: TestUser, method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => {
    const port = await api.listen();
    return fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${user.access_token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  };
  /** The address with the port of the test in place of the configured one: the signature does not cover the host of a folder. */
  const here = async (url: string): Promise<string> => {
    const { pathname, search, port } = new URL(url);
    return port === '8000' ? `http://127.0.0.1:${await api.listen()}${pathname}${search}` : url;
  };
  const declare = (user: TestUser, declared: Declared) =>
    send(user, 'POST', '/files', { name: 'cover.png', type: 'image/png', size: 5, purpose: 'cover', ...declared });
  const begin = async (user: TestUser, declared: Declared = {}): Promise<Begun> => {
    const answer = await declare(user, declared);
    if (answer.status !== 201) throw new Error(`nothing was begun: ${await answer.text()}`);
    return (await answer.json()) as Begun;
  };
  const put = async ({ upload }: Begun, body: string = 'bytes', headers: Record<string, string> = {}) =>
    fetch(await here(upload.url), { method: 'PUT', body, headers: { ...upload.headers, ...headers } });
  const complete = (user: TestUser, id: string) => send(user, 'POST', `/files/${id}/complete`);
  return {
    send,
    here,
    declare,
    begin,
    put,
    complete,
    /** A file that is ready. */
    ready: async (user: TestUser, declared: Declared = {}, body = 'bytes'): Promise<string> => {
      const begun = await begin(user, { size: Buffer.byteLength(body), ...declared });
      const sent = await put(begun, body);
      const done = await complete(user, begun.id);
      if (sent.status !== 200 || done.status !== 200) throw new Error(`${sent.status}, ${await done.text()}`);
      return begun.id;
    },
    /** The content, by the address that the API gives. */
    fetch: async (user: TestUser, id: string): Promise<Response> => {
      const answer = await send(user, 'GET', `/files/${id}`);
      if (answer.status !== 303) throw new Error(`no address: ${await answer.text()}`);
      return fetch(await here(answer.headers.get('location') ?? ''));
    },
  };
}
