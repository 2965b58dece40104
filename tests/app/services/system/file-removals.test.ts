import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../../src/app/context.ts';
import { jobs } from '../../../../src/app/jobs/index.ts';
import { removeOrphans } from '../../../../src/app/services/system/file-removals.ts';
import { startApi, type TestUser } from '../../../helpers/api.ts';
import { startS3 } from '../../../helpers/s3-server.ts';
import { PURPOSES } from '../../../helpers/test-product/files.ts';
import { uploader, uploadsFolder } from '../../../helpers/uploads.ts';

const KEY = { id: 'id', secret: 'secret', region: 'us-east-1' };
const s3 = await startS3(KEY, { prefix: '/bucket' });
const folder = uploadsFolder();
const bucket = startApi(
  {
    STORAGE_BUCKET: 'bucket',
    STORAGE_ENDPOINT: s3.endpoint.replace('/bucket', ''),
    STORAGE_ACCESS_KEY_ID: KEY.id,
    STORAGE_SECRET_ACCESS_KEY: KEY.secret,
  },
  { filePurposes: PURPOSES },
);
const local = startApi({ STORAGE_DIRECTORY: folder }, { filePurposes: PURPOSES });

afterEach(async () => {
  Object.assign(s3, { fault: 'none', before: async () => {} });
  s3.seen.length = 0;
});
afterAll(() => s3.stop());

const sweep = (api: typeof bucket, signal = new AbortController().signal): Promise<void> =>
  removeOrphans(api.app.ctx as RequestContext, {}, { signal });
const isStored = (id: string): boolean => s3.objects.has(`/bucket/files/${id}`);
const noted = (api: typeof bucket) =>
  api.sql<{ id: string; is_due: boolean }>('select id, due_at <= now() as is_due from file_removals order by id');
/** As if the upload had begun so long ago. */
const age = (api: typeof bucket, id: string, hours: number) =>
  api.sql(`update files set created_at = now() - make_interval(hours => $2) where id = $1`, [id, hours]);

describe('the cleanup of files', () => {
  const { begin, put, ready, send } = uploader(bucket);
  let user: TestUser;
  beforeEach(async () => {
    await bucket.sql('delete from files; delete from file_removals');
    user = await bucket.user();
  });

  it('runs every ten minutes', () => {
    expect(jobs.schedules.filter(({ kind }) => kind === 'files.purge')).toHaveLength(1);
    expect(jobs.handlers.filter(({ kind }) => kind === 'files.purge')).toHaveLength(1);
  });

  it('leaves what is ready, and what is pending for less than a day', async () => {
    const [done, old, pending] = [await ready(user), await ready(user), (await begin(user)).id];
    await age(bucket, old, 1000);
    await age(bucket, pending, 23);
    await sweep(bucket);
    expect([isStored(done), isStored(old)]).toEqual([true, true]);
    expect(await bucket.sql('select id from files')).toHaveLength(3);
    expect(await noted(bucket)).toEqual([]);
  });

  it('removes the content of an upload that nobody completed within a day, and its row', async () => {
    const begun = await begin(user);
    await put(begun);
    await age(bucket, begun.id, 25);
    await sweep(bucket);
    expect(isStored(begun.id)).toBe(false);
    expect(await bucket.sql('select id from files')).toEqual([]);
    expect(await noted(bucket)).toEqual([]);
  });

  it('removes the content of a deleted file, and once more when no upload can be under way', async () => {
    const id = await ready(user);
    const again = await begin(user);
    await send(user, 'DELETE', `/files/${id}`);
    await send(user, 'DELETE', `/files/${again.id}`);
    await sweep(bucket);
    expect(isStored(id)).toBe(false);
    expect((await noted(bucket)).map(({ is_due }) => is_due)).toEqual([false, false]);
    // Its address is good still.
    expect((await put(again)).status).toBe(200);
    await sweep(bucket);
    expect(isStored(again.id)).toBe(true);
    const pass = (time: string) =>
      bucket.sql('update file_removals set final_at = final_at - $1::interval, due_at = due_at - $1::interval', [time]);
    await pass('31 min');
    await sweep(bucket);
    expect(isStored(again.id)).toBe(false);
    expect((await noted(bucket)).map(({ is_due }) => is_due)).toEqual([false, false]);
    // An upload that took longer.
    await put(again);
    await pass('24 h');
    await sweep(bucket);
    expect(isStored(again.id)).toBe(false);
    expect(await noted(bucket)).toEqual([]);
  });

  it('removes what an account had, and what a statement by hand deletes', async () => {
    const ids = [await ready(user), await ready(user)];
    const other = await bucket.user();
    const kept = await ready(other);
    const payload = { password: 'correct horse battery staple' };
    await bucket.request({ method: 'DELETE', url: '/auth/me', token: user.access_token, payload });
    await sweep(bucket);
    expect([...ids.map(isStored), isStored(kept)]).toEqual([false, false, true]);
    await bucket.sql('delete from users where id = $1', [other.id]);
    await sweep(bucket);
    expect(isStored(kept)).toBe(false);
  });

  it('keeps what the storage did not remove for the next run, and fails', async () => {
    const id = await ready(user);
    await send(user, 'DELETE', `/files/${id}`);
    s3.fault = 'error';
    await expect(sweep(bucket)).rejects.toThrow('the storage answered DELETE with 500');
    expect(isStored(id)).toBe(true);
    expect(await noted(bucket)).toEqual([{ id, is_due: false }]);
    s3.fault = 'none';
    await bucket.sql(`update file_removals set due_at = now() - interval '1 s'`);
    await sweep(bucket);
    expect(isStored(id)).toBe(false);
  });

  it('is done by several processes at once, each object by one', async () => {
    const files = await Promise.all(
      Array.from({ length: 35 }, () => ready(user, { purpose: 'paper', type: 'text/plain' })),
    );
    await bucket.sql('delete from files');
    s3.seen.length = 0;
    await Promise.all([sweep(bucket), sweep(bucket), sweep(bucket)]);
    await sweep(bucket);
    expect(files.filter(isStored)).toEqual([]);
    const deletions = s3.seen.filter((line) => line.startsWith('DELETE'));
    expect([deletions.length, new Set(deletions).size]).toEqual([35, 35]);
  });

  it('ends when its process ends', async () => {
    const id = await ready(user);
    await bucket.sql('delete from files');
    await sweep(bucket, AbortSignal.abort());
    expect(isStored(id)).toBe(true);
  });

  it('removes from a folder all that a file left', async () => {
    const inFolder = uploader(local);
    const owner = await local.user();
    const id = await inFolder.ready(owner);
    expect(existsSync(join(folder, id, 'content'))).toBe(true);
    await inFolder.send(owner, 'DELETE', `/files/${id}`);
    await sweep(local);
    expect(existsSync(join(folder, id))).toBe(false);
  });
});

describe('without a storage', () => {
  const none = startApi({ STORAGE_DIRECTORY: '' });

  it('nothing is looked for', async () => {
    await none.sql(`insert into file_removals values (gen_random_uuid(), now(), now())`);
    await sweep(none);
    expect(await noted(none)).toHaveLength(1);
  });
});
