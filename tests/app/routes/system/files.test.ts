import { beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestUser } from '../../../helpers/api.ts';
import { liveRoutes } from '../../../helpers/operations.ts';
import { startReplica } from '../../../helpers/replicas.ts';
import { PURPOSES } from '../../../helpers/test-product/files.ts';
import { uploader, uploadsFolder } from '../../../helpers/uploads.ts';

const folder = uploadsFolder();
const settings = { STORAGE_DIRECTORY: folder, RATE_LIMITS: 'false' };
const api = startApi(settings, { filePurposes: PURPOSES });
/** The same with its limits. */
const counting = startReplica(api, { rate_limits: true }, { filePurposes: PURPOSES });
const { send, here, declare, begin, put, complete, ready, fetch: download } = uploader(api);

let admin: TestUser;
beforeAll(async () => {
  admin = await api.admin();
});

const rowsOf = ({ id }: TestUser) =>
  api.sql<{ id: string; state: string }>('select id, state from files where owner_id = $1 order by id', [id]);
const stateOf = async (id: string) =>
  (await api.sql<{ state: string }>('select state from files where id = $1', [id]))[0]?.state;
const codeOf = async (answer: Response): Promise<unknown> => [
  answer.status,
  ((await answer.json()) as { code: string }).code,
];

describe('an upload', () => {
  it('is declared, sent, completed and fetched under its name', async () => {
    const user = await api.user();
    const begun = await begin(user, { name: 'Grüße "x".png', size: 5 });
    expect(new Date(begun.expires_at).getTime() - Date.now()).toBeGreaterThan(890_000);
    expect(begun.upload.headers).toEqual({ 'content-type': 'image/png' });
    expect(await rowsOf(user)).toEqual([{ id: begun.id, state: 'pending' }]);
    expect((await put(begun)).status).toBe(200);
    const done = await complete(user, begun.id);
    expect([done.status, await done.json()]).toEqual([
      200,
      expect.objectContaining({ id: begun.id, owner_id: user.id, state: 'ready', size: 5, purpose: 'cover' }),
    ]);
    const content = await download(user, begun.id);
    expect([content.status, await content.text()]).toEqual([200, 'bytes']);
    expect(Object.fromEntries(content.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': '5',
      'content-disposition': `inline; filename="Gr__e _x_.png"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22x%22.png`,
      'content-security-policy': expect.stringContaining('sandbox'),
      'x-content-type-options': 'nosniff',
    });
  });

  it('gives a script the address instead of going there', async () => {
    const user = await api.user();
    const id = await ready(user);
    const answer = await send(user, 'GET', `/files/${id}?redirect=false`);
    const { url } = (await answer.json()) as { url: string };
    expect(await (await fetch(await here(url))).text()).toBe('bytes');
  });

  it.each(['application/pdf', 'image/svg+xml', 'text/html', 'text/plain'])(
    'of %s is saved and not shown',
    async (type) => {
      const user = await api.user();
      const id = await ready(user, { type, purpose: 'paper', name: 'x' }, '<script>alert(1)</script>');
      const { headers } = await download(user, id);
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    },
  );

  it('is in the list of its owner alone, and in that of administrators', async () => {
    const [user, other] = [await api.user(), await api.user()];
    const id = await ready(user);
    const listOf = async (reader: TestUser) => {
      const { items } = (await (await send(reader, 'GET', '/files?limit=100')).json()) as { items: { id: string }[] };
      return items.map((file) => file.id);
    };
    expect(await listOf(user)).toEqual([id]);
    expect(await listOf(other)).toEqual([]);
    expect(await listOf(admin)).toContain(id);
  });
});

describe('a declaration', () => {
  it.each([
    ['a type that the purpose has not', { type: 'image/gif' }, 'file_type_refused'],
    ['a larger size than the purpose has', { size: 100_001 }, 'file_too_large'],
    ['a purpose that is none', { purpose: 'toString' }, 'validation_failed'],
    ['a purpose of the prototype', { purpose: '__proto__' }, 'validation_failed'],
    ['no bytes', { size: 0 }, 'validation_failed'],
    ['half a byte', { size: 1.5 }, 'validation_failed'],
    ['a type in capitals', { type: 'IMAGE/PNG' }, 'validation_failed'],
    ['a type with a line break', { type: 'image/png\r\nx: y' }, 'validation_failed'],
    ['no name', { name: '' }, 'validation_failed'],
  ])('with %s is refused, and leaves nothing', async (_what, declared, code) => {
    const user = await api.user();
    expect(await codeOf(await declare(user, declared))).toEqual([422, code]);
    expect(await rowsOf(user)).toEqual([]);
  });

  it('names the field that its purpose refuses', async () => {
    const user = await api.user();
    const { errors } = (await (await declare(user, { size: 100_001 })).json()) as { errors: { loc: string[] }[] };
    expect(errors.map(({ loc }) => loc)).toEqual([['body', 'size']]);
  });

  it('is admitted as often as the purpose says, of many at once too', async () => {
    const user = await api.user();
    const answers = await Promise.all(Array.from({ length: 8 }, () => declare(user, {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409, 409, 409, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused && (await codeOf(refused))).toEqual([409, 'file_limit']);
    expect(await rowsOf(user)).toHaveLength(3);
    expect((await declare(user, { purpose: 'paper', type: 'text/plain' })).status).toBe(201);
    const [first] = await rowsOf(user);
    expect((await send(user, 'DELETE', `/files/${first?.id}`)).status).toBe(204);
    expect((await declare(user, {})).status).toBe(201);
  });

  it('is refused to an account that begins one upload after the other, however many files it deletes', async () => {
    const user = await api.user();
    const payload = { name: 'cover.png', type: 'image/png', size: 5, purpose: 'cover' };
    const { access_token: token } = user;
    const ask = () => counting.request({ method: 'POST', url: '/files', payload, token });
    for (let time = 0; time < 2 * PURPOSES.cover.per_account + 10; time++) {
      const begun = await ask();
      expect(begun.statusCode).toBe(201);
      await send(user, 'DELETE', `/files/${begun.json().id}`);
    }
    const refused = await ask();
    expect([refused.statusCode, refused.json().code, Number(refused.headers['retry-after']) > 1000]).toEqual([
      ...[429, 'rate_limited', true],
    ]);
    expect(await rowsOf(user)).toEqual([]);
  });
});

describe('a completion', () => {
  it('waits for the content', async () => {
    const user = await api.user();
    const begun = await begin(user);
    expect(await codeOf(await complete(user, begun.id))).toEqual([409, 'upload_missing']);
    expect(await codeOf(await send(user, 'GET', `/files/${begun.id}`))).toEqual([404, 'file_not_found']);
    expect(await stateOf(begun.id)).toBe('pending');
    expect((await put(begun)).status).toBe(200);
    expect((await complete(user, begun.id)).status).toBe(200);
  });

  it('happens once, and says the same to all that ask at once', async () => {
    const user = await api.user();
    const begun = await begin(user);
    await put(begun);
    const answers = await Promise.all(Array.from({ length: 12 }, () => complete(user, begun.id)));
    const files = await Promise.all(answers.map((answer) => answer.json()));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(new Set(files.map((file) => JSON.stringify(file))).size).toBe(1);
  });

  it('beside a deletion leaves no file, or none that is half', async () => {
    const user = await api.user();
    for (let round = 0; round < 5; round++) {
      const begun = await begin(user);
      await put(begun);
      const [done, deleted] = await Promise.all([complete(user, begun.id), send(user, 'DELETE', `/files/${begun.id}`)]);
      expect(deleted.status).toBe(204);
      expect([200, 404]).toContain(done.status);
      expect(await stateOf(begun.id)).toBeUndefined();
    }
  });
});

describe('a file', () => {
  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/complete'],
  ] as const)('does not exist for another user who asks %s %s, and stays as it is', async (method, path) => {
    const [user, other] = [await api.user(), await api.user()];
    const id = await ready(user);
    const begun = await begin(user);
    await put(begun);
    for (const one of [id, begun.id]) {
      const answer = await send(other, method, `/files/${one}${path}`);
      expect(await codeOf(answer)).toEqual([404, 'file_not_found']);
    }
    expect(await rowsOf(user)).toEqual([
      { id, state: 'ready' },
      { id: begun.id, state: 'pending' },
    ]);
  });

  it('goes with its account, and is noted for the storage with nothing of the person', async () => {
    const user = await api.user();
    const ids = [await ready(user), (await begin(user)).id];
    const payload = { password: 'correct horse battery staple' };
    const gone = await api.request({ method: 'DELETE', url: '/auth/me', token: user.access_token, payload });
    expect(gone.statusCode).toBe(204);
    expect(await rowsOf(user)).toEqual([]);
    const noted = await api.sql<{ id: string }>('select id from file_removals where id = any($1)', [ids]);
    expect(noted.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });
});

describe('the routes of files', () => {
  const without = startApi({ STORAGE_DIRECTORY: '' }, { filePurposes: PURPOSES });

  it('are missed by the log, if there is a purpose and no storage', async () => {
    const { access_token: token } = await without.user();
    expect((await without.request({ url: '/files', token })).json().code).toBe('route_not_found');
    const said = without.logs.filter(({ event }) => event === 'storage.not_configured');
    expect(said).toHaveLength(1);
  });

  const paths = async (environment: Record<string, string>, filePurposes: typeof PURPOSES | Record<string, never>) =>
    (await liveRoutes(environment, { filePurposes })).map(({ url }) => url).filter((url) => url.startsWith('/files'));

  it('exist with a purpose and a storage alone', async () => {
    expect(await paths({ STORAGE_DIRECTORY: folder }, {})).toEqual([]);
    expect(await paths({ STORAGE_DIRECTORY: '' }, PURPOSES)).toEqual([]);
    expect(await paths({ STORAGE_DIRECTORY: folder }, PURPOSES)).toContain('/files/contents/:id');
    expect(await paths({ ENVIRONMENT: 'development' }, PURPOSES)).toContain('/files/contents/:id');
    const bucket = { STORAGE_BUCKET: 'files', STORAGE_ACCESS_KEY_ID: 'id', STORAGE_SECRET_ACCESS_KEY: 'secret' };
    const withBucket = await paths({ ...bucket, STORAGE_DIRECTORY: folder }, PURPOSES);
    expect(withBucket).toContain('/files/:id/complete');
    expect(withBucket).not.toContain('/files/contents/:id');
  });
});
