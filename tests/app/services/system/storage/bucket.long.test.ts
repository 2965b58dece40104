import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inTrace, newUsage } from '../../../../../src/app/observability/trace.ts';
import { createStorage, type Storage } from '../../../../../src/app/services/system/storage.ts';
import { startApi, type TestUser, testConfig } from '../../../../helpers/api.ts';
import { type AccessKey, type Fault, type S3Server, signatureProblem, startS3 } from '../../../../helpers/s3-server.ts';
import { PURPOSES } from '../../../../helpers/test-product/files.ts';
import { uploader } from '../../../../helpers/uploads.ts';

const KEY: AccessKey = {
  id: 'AKIDEXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'eu-central-1',
};
const BUCKET = 'book-club';
/** As Supabase has it. */
const PREFIX = '/storage/v1/s3';

const clock = { now: () => new Date(Date.now() + clock.ahead_ms), ahead_ms: 0 };
const environment = {
  STORAGE_BUCKET: BUCKET,
  STORAGE_ACCESS_KEY_ID: KEY.id,
  STORAGE_SECRET_ACCESS_KEY: KEY.secret,
  STORAGE_REGION: KEY.region,
};
const s3: S3Server = await startS3(KEY, { prefix: `${PREFIX}/${BUCKET}`, now: () => clock.now() });
// `endpoint` ends with the bucket, which the setting does not.
const endpoint = s3.endpoint.slice(0, -BUCKET.length - 1);
const settings = { ...environment, STORAGE_ENDPOINT: endpoint, RATE_LIMITS: 'false' };
const api = startApi(settings, { filePurposes: PURPOSES, clock });
const { send, begin, put, complete, ready, fetch: download } = uploader(api);

const keyOf = (id: string): string => `${PREFIX}/${BUCKET}/files/${id}`;
const stateOf = async (id: string) =>
  (await api.sql<{ state: string }>('select state from files where id = $1', [id]))[0]?.state;
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

let user: TestUser;
beforeAll(async () => {
  user = await api.user();
});
afterEach(async () => {
  Object.assign(s3, { fault: 'none', before: async () => {} });
  clock.ahead_ms = 0;
  s3.seen.length = 0;
  await api.sql('delete from files');
});
afterAll(() => s3.stop());

describe('the server of the tests', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  const key = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'us-east-1' };
  const now = new Date('2013-05-24T00:00:00Z');
  const target =
    '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  const headers = { host: 'examplebucket.s3.amazonaws.com' };

  it('takes the signature that AWS publishes, and no other', () => {
    expect(signatureProblem({ method: 'GET', target, headers }, key, now)).toBeUndefined();
    const wrong = { method: 'GET', target: target.replace(/4$/, '5'), headers };
    expect(signatureProblem(wrong, key, now)).toBe('SignatureDoesNotMatch');
    expect(signatureProblem({ method: 'PUT', target, headers }, key, now)).toBe('SignatureDoesNotMatch');
    const later = new Date(now.getTime() + 86_400_000);
    expect(signatureProblem({ method: 'GET', target, headers }, key, later)).toBe('ExpiredToken');
  });
});

describe('a bucket', () => {
  it('takes an upload and gives its content, and the API carries neither', async () => {
    const begun = await begin(user, { name: "It's a (great) *café* + tea.png", size: 5 });
    expect(new URL(begun.upload.url).pathname).toBe(keyOf(begun.id));
    expect((await put(begun)).status).toBe(200);
    expect((await complete(user, begun.id)).status).toBe(200);
    const content = await download(user, begun.id);
    expect([content.status, await content.text()]).toEqual([200, 'bytes']);
    expect(Object.fromEntries(content.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `inline; filename="It's a (great) *caf_* + tea.png"; filename*=UTF-8''It%27s%20a%20%28great%29%20%2Acaf%C3%A9%2A%20%2B%20tea.png`,
    });
    expect(s3.seen.map((line) => line.split(' ', 1)[0])).toEqual(['PUT', 'HEAD', 'GET']);
  });

  it('has a document saved and not shown', async () => {
    const id = await ready(user, { type: 'image/svg+xml', purpose: 'paper', name: 'x.svg' }, '<svg/>');
    expect((await download(user, id)).headers.get('content-disposition')).toMatch(/^attachment;/);
  });

  it('refuses another type, another length, another method and a later time than was signed', async () => {
    const begun = await begin(user);
    const sendTo = async (method: string, body: string | undefined, type = 'image/png') => {
      const options = { method, headers: { 'content-type': type }, ...(body !== undefined && { body }) };
      const answer = await fetch(begun.upload.url, options);
      return [answer.status, await answer.text()];
    };
    expect(await sendTo('PUT', 'bytes', 'text/html')).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await sendTo('PUT', 'bytes!')).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await sendTo('DELETE', undefined)).toEqual([403, 'SignatureDoesNotMatch']);
    const moved = begun.upload.url.replace(begun.id, user.id);
    expect((await fetch(moved, { method: 'PUT', headers: begun.upload.headers, body: 'bytes' })).status).toBe(403);
    clock.ahead_ms = 901_000;
    expect(await sendTo('PUT', 'bytes')).toEqual([403, 'ExpiredToken']);
    expect(s3.objects.has(keyOf(begun.id))).toBe(false);
  });

  it('ends the address of a download after five minutes', async () => {
    const id = await ready(user);
    const { url } = (await (await send(user, 'GET', `/files/${id}?redirect=false`)).json()) as { url: string };
    expect((await fetch(url)).status).toBe(200);
    clock.ahead_ms = 301_000;
    expect((await fetch(url)).status).toBe(403);
  });

  it.each([
    ['has another size', { type: 'image/png', bytes: Buffer.from('other bytes') }],
    ['has another type', { type: 'text/html', bytes: Buffer.from('bytes') }],
    ['has no type', { type: '', bytes: Buffer.from('bytes') }],
  ])('whose object %s completes nothing', async (_what, object) => {
    const begun = await begin(user);
    s3.objects.set(keyOf(begun.id), object);
    expect(await codeOf(await complete(user, begun.id))).toEqual([409, 'upload_mismatch']);
    expect(await stateOf(begun.id)).toBe('pending');
  });

  it('without the object completes nothing', async () => {
    const begun = await begin(user);
    expect(await codeOf(await complete(user, begun.id))).toEqual([409, 'upload_missing']);
    expect(await stateOf(begun.id)).toBe('pending');
  });

  it.each<[Fault, number, string]>([
    ['silent', 503, 'service_unavailable'],
    ['reset', 503, 'service_unavailable'],
    ['error', 503, 'service_unavailable'],
    ['redirect', 503, 'service_unavailable'],
    ['forbidden', 503, 'service_unavailable'],
    ['no length', 503, 'service_unavailable'],
    ['other size', 409, 'upload_mismatch'],
    ['other type', 409, 'upload_mismatch'],
  ])('that answers with fault %s completes nothing, and works again after it', async (fault, status, code) => {
    const begun = await begin(user);
    await put(begun);
    s3.fault = fault;
    const started = performance.now();
    const answer = await complete(user, begun.id);
    const took_ms = performance.now() - started;
    expect(await codeOf(answer)).toEqual([status, code]);
    if (status === 503) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(took_ms).toBeLessThan(6000);
    expect(await stateOf(begun.id)).toBe('pending');
    expect(s3.seen.filter((line) => line.includes('elsewhere'))).toEqual([]);
    s3.fault = 'none';
    expect((await complete(user, begun.id)).status).toBe(200);
  });

  it('that is silent has a quarter of its places for one network, and refuses what has waited for two seconds', async () => {
    let came = 0;
    const [first, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    s3.before = async () => {
      if (++came === 12) first.resolve();
      await goOn.promise;
    };
    const { storage } = api.app.ctx;
    const find = (ip: string) => inTrace({ ip, usage: newUsage(), span: undefined }, () => storage?.find(user.id));
    const crowd = Promise.allSettled(Array.from({ length: 90 }, () => find('192.0.2.1')));
    await first.promise;
    s3.before = async () => {};
    expect(await find('198.51.100.1')).toBeUndefined();
    expect(came).toBe(12);
    const reasons = (await crowd).map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'found'));
    goOn.resolve();
    const isFull = (reason: string): boolean => reason === 'Error: too many requests wait for the storage';
    expect([reasons.filter(isFull).length, reasons.includes('found')]).toEqual([90 - 12, false]);
  });

  it('that is silent holds no connection of the database', async () => {
    const begun = await begin(user);
    const all = Promise.withResolvers<void>();
    let came = 0;
    s3.before = async () => {
      if (++came === 12) all.resolve();
    };
    s3.fault = 'silent';
    const waiting = Array.from({ length: 30 }, () => complete(user, begun.id));
    await all.promise;
    const held = await api.sql(
      `select pid from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    );
    expect(held).toEqual([]);
    expect((await send(user, 'GET', '/files')).status).toBe(200);
    expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([503]));
  });

  it('is asked before the row changes: a file that is deleted meanwhile stays deleted', async () => {
    const begun = await begin(user);
    await put(begun);
    const [asked, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    s3.before = async () => {
      asked.resolve();
      await goOn.promise;
    };
    const completing = complete(user, begun.id);
    await asked.promise;
    expect((await send(user, 'DELETE', `/files/${begun.id}`)).status).toBe(204);
    goOn.resolve();
    expect(await codeOf(await completing)).toEqual([404, 'file_not_found']);
    expect(await stateOf(begun.id)).toBeUndefined();
  });
});

describe('the addresses of a bucket', () => {
  const now = new Date('2026-11-28T05:00:00Z');
  const storageOf = (more: Record<string, string>): Storage => {
    const config = testConfig('postgresql://nobody@127.0.0.1:1/none', { ...environment, ...more });
    const none = { signingAt: () => expect.fail('signs by the access key'), findOneTimeKey: () => undefined };
    return createStorage({ config, clock: { now: () => now } }, none) ?? expect.fail('there is a bucket');
  };
  const file = { id: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d', name: 'a b.png', type: 'image/png', size: 5 };

  it.each([
    ['on AWS the bucket is in the host', {}, `${BUCKET}.s3.eu-central-1.amazonaws.com`, `/files/${file.id}`],
    [
      'elsewhere in the path',
      { STORAGE_ENDPOINT: `https://project.storage.supabase.co${PREFIX}` },
      'project.storage.supabase.co',
      `${PREFIX}/${BUCKET}/files/${file.id}`,
    ],
    ['at a port', { STORAGE_ENDPOINT: 'http://localhost:9000' }, 'localhost:9000', `/${BUCKET}/files/${file.id}`],
  ])('%s, and the signature covers it with the type and the length', async (_what, more, host, path) => {
    const storage = storageOf(more);
    const put = new URL((await storage.uploadTo(file, 900)).url);
    const get = new URL(await storage.downloadFrom(file, 300));
    expect([put.host, put.pathname, get.host, get.pathname]).toEqual([host, path, host, path]);
    expect(put.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
    const headers = { host, 'content-type': 'image/png', 'content-length': '5' };
    const target = put.pathname + put.search;
    expect(signatureProblem({ method: 'PUT', target, headers }, KEY, now)).toBeUndefined();
    for (const wrong of [{ host: 'elsewhere' }, { 'content-type': 'text/html' }, { 'content-length': '6' }])
      expect(signatureProblem({ method: 'PUT', target, headers: { ...headers, ...wrong } }, KEY, now)).toBe(
        'SignatureDoesNotMatch',
      );
    expect(get.search).not.toContain('+');
    const read = { method: 'GET', target: get.pathname + get.search, headers: { host } };
    expect(signatureProblem(read, KEY, now)).toBeUndefined();
  });
});
