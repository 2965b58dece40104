import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { enqueue, jobKind } from '../../src/app/services/system/jobs.ts';
import { SECRET_KEY, startApi } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';
import { NOTE } from '../helpers/jobs.ts';
import { eventually } from '../helpers/own-postgres.ts';

const api = startApi();
const env = {
  SECRET_KEY,
  get DATABASE_URL() {
    return api.url;
  },
};
const PURGE = jobKind<Record<string, never>>('jobs.purge');
const jobs = (...args: string[]) => back(['jobs', ...args], { env });

describe('back jobs', () => {
  it('lists, shows and retries the dead ones, and purges the old ones', { timeout: 240_000 }, async () => {
    const id = (await enqueue(api.app.ctx, NOTE, { n: 1 })) ?? '';
    await enqueue(api.app.ctx, NOTE, { n: 2 });
    await api.sql(
      `update jobs set state = 'dead', attempts = 8, last_error = 'no such box', finished_at = now() - interval '31 days' where id = $1`,
      [id],
    );
    const listed = await jobs('list', '--state', 'dead', '--kind', 'test.note');
    expect(listed.stdout).toMatch(new RegExp(`^ID .*\\n${id}  test.note  dead   8 of 8  .*  no such box\\n$`));
    expect(JSON.parse((await jobs('show', id)).stdout)).toMatchObject({ id, payload: { n: 1 }, state: 'dead' });
    expect(await jobs('show', 'nosuch')).toMatchObject({ code: 1, stdout: '' });

    expect((await jobs('purge')).stdout).toBe('Removed: 0\n');
    expect((await jobs('retry', id)).stdout).toBe('Tried again: 1\n');
    expect(await jobs('retry', id)).toMatchObject({ code: 1, stderr: `There is no dead job ${id}\n` });
    expect(await api.sql('select state, attempts from jobs where id = $1', [id])).toEqual([
      { state: 'pending', attempts: 0 },
    ]);
    await api.sql(`update jobs set state = 'dead', finished_at = now() - interval '31 days'`);
    expect((await jobs('retry', '--all', '--kind', 'other')).stdout).toBe('Tried again: 0\n');
    expect((await jobs('purge', '--dead')).stdout).toBe('Removed: 2\n');
    expect(await jobs('retry')).toMatchObject({ code: 1, stderr: 'Name one job, or give --all\n' });
  });
});

describe('back work', () => {
  it('--once works off what is due and ends', { timeout: 90_000 }, async () => {
    const id = await enqueue(api.app.ctx, PURGE, {});
    const { stdout } = await back(['work', '--once'], { env: { ...env, LOG_LEVEL: 'silent' } });
    expect(stdout).toBe('Attempts: 1\n');
    expect(await api.sql('select state from jobs where id = $1', [id])).toEqual([{ state: 'done' }]);
  });

  it('works until a signal comes, and ends with code 0', { timeout: 120_000 }, async () => {
    const main = join(import.meta.dirname, '../../src/cli/main.ts');
    const child = spawn(process.execPath, [main, 'work'], {
      env: { ...env, DATABASE_URL: api.url, PATH: process.env.PATH },
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const id = await enqueue(api.app.ctx, PURGE, {});
    const isDone = async (): Promise<boolean> =>
      (await api.sql(`select 1 from jobs where id = $1 and state = 'done'`, [id])).length === 1;
    await eventually('the job is done', isDone, 60_000);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
