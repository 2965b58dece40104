import { describe, expect, it, onTestFinished } from 'vitest';
import { inTransaction } from '../../../../src/app/database.ts';
import { readStatus } from '../../../../src/app/services/system/job-watch.ts';
import { enqueue, permanentFailure } from '../../../../src/app/services/system/jobs.ts';
import { runDueJobs, startWorker } from '../../../../src/app/services/system/worker.ts';
import { startApi } from '../../../helpers/api.ts';
import { makeDue, NOTE, noting, otherProcess } from '../../../helpers/jobs.ts';
import { eventually } from '../../../helpers/own-postgres.ts';
import { pgbouncerProgram, startPgbouncer } from '../../../helpers/pgbouncer.ts';

const api = startApi();

interface Row {
  state: string;
  attempts: number;
  last_error: string | null;
  wait: number;
}

const rowOf = async (id: string | undefined): Promise<Row | undefined> =>
  (
    await api.sql<Row>(
      'select state, attempts, last_error, extract(epoch from run_at - now())::float8 as wait from jobs where id = $1',
      [id],
    )
  )[0];

describe('a job', () => {
  it('exists if its transaction is committed, and not after a rollback', async () => {
    const { table, noted } = noting();
    const { ctx } = api.app;
    await inTransaction(ctx, async (ctx) => {
      await enqueue(ctx, NOTE, { n: 1 });
      expect(await runDueJobs(api.app.ctx, table)).toBe(0);
    });
    const refused = inTransaction(ctx, async (ctx) => {
      await enqueue(ctx, NOTE, { n: 2 });
      throw new Error('no');
    });
    await expect(refused).rejects.toThrow('no');
    expect(await runDueJobs(ctx, table)).toBe(1);
    expect(noted.map(({ n }) => n)).toEqual([1]);
  });

  it('wakes the worker when its transaction is committed, and not before', async () => {
    const woken: string[] = [];
    onTestFinished(api.app.ctx.jobSignal.onWake(() => woken.push('woken')));
    await inTransaction(api.app.ctx, async (ctx) => {
      await enqueue(ctx, NOTE, { n: 1 });
      expect(woken).toEqual([]);
    });
    expect(woken).toEqual(['woken']);
    await runDueJobs(api.app.ctx, noting().table);
  });

  it('is one for each dedupe key of its kind', async () => {
    const { table, noted } = noting();
    const { ctx } = api.app;
    const ids = await Promise.all([3, 4, 5].map((n) => enqueue(ctx, NOTE, { n }, { dedupeKey: 'once' })));
    expect(ids.filter((id) => id !== undefined)).toHaveLength(1);
    await runDueJobs(ctx, table);
    expect(await enqueue(ctx, NOTE, { n: 6 }, { dedupeKey: 'once' })).toBeUndefined();
    expect(noted).toHaveLength(1);
  });

  it('waits for its time', async () => {
    const { table, noted } = noting();
    const id = await enqueue(api.app.ctx, NOTE, { n: 7 }, { runAt: new Date(Date.now() + 3_600_000) });
    await runDueJobs(api.app.ctx, table);
    expect(noted).toEqual([]);
    expect((await rowOf(id))?.state).toBe('pending');
    await makeDue(api);
    await runDueJobs(api.app.ctx, table);
    expect(noted).toEqual([{ n: 7, id, attempt: 1 }]);
    expect(await rowOf(id)).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('waits for code that knows its kind', async () => {
    const id = await enqueue(api.app.ctx, NOTE, { n: 8 });
    expect(await runDueJobs(api.app.ctx, { handlers: [], schedules: [] })).toBe(0);
    expect(await rowOf(id)).toMatchObject({ state: 'pending', attempts: 0 });
    expect(await runDueJobs(api.app.ctx, noting().table)).toBe(1);
  });

  it('runs again after a failure, later each time, with the same id, and is dead in the end', async () => {
    const { table, noted } = noting(async () => {
      throw new Error('the other side is away');
    });
    const id = await enqueue(api.app.ctx, NOTE, { n: 9 }, { maxAttempts: 3 });
    for (const [attempts, least] of [
      [1, 10],
      [2, 60],
    ] as const) {
      await runDueJobs(api.app.ctx, table);
      const row = await rowOf(id);
      expect(row).toMatchObject({ state: 'pending', attempts, last_error: 'the other side is away' });
      expect(row?.wait).toBeGreaterThan(least - 5);
      expect(row?.wait).toBeLessThan(least * 1.1 + 1);
      await makeDue(api);
    }
    await runDueJobs(api.app.ctx, table);
    expect(await rowOf(id)).toMatchObject({ state: 'dead', attempts: 3 });
    expect(noted.map((note) => [note.id, note.attempt])).toEqual([1, 2, 3].map((attempt) => [id, attempt]));
    const events = api.logs.filter(({ job_id }) => job_id === id).map(({ event }) => event);
    expect(events).toEqual(['job.failed', 'job.failed', 'job.dead']);
  });

  it('is dead at once after a permanent failure', async () => {
    const { table } = noting(async () => {
      throw permanentFailure('550 no such mailbox\0');
    });
    const id = await enqueue(api.app.ctx, NOTE, { n: 10 });
    await runDueJobs(api.app.ctx, table);
    expect(await rowOf(id)).toMatchObject({ state: 'dead', attempts: 1, last_error: '550 no such mailbox' });
  });

  it('fails when its time is over, and its handler is told', async () => {
    let reason: unknown;
    const { table } = noting(
      (_n, { signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
          });
        }),
    );
    const id = await enqueue(api.app.ctx, NOTE, { n: 11 });
    await runDueJobs(api.app.ctx, table);
    expect(await rowOf(id)).toMatchObject({ state: 'pending', attempts: 1, last_error: 'not done within 1 s' });
    expect(String(reason)).toContain('not done within 1 s');
    await api.sql(`delete from jobs where id = $1`, [id]);
  });

  it('whose process ended in the last attempt is dead, not run once more', async () => {
    const { table, noted } = noting();
    const id = await enqueue(api.app.ctx, NOTE, { n: 12 });
    await api.sql(`update jobs set attempts = 8, locked_until = now() - interval '1 s' where id = $1`, [id]);
    await runDueJobs(api.app.ctx, table);
    expect(noted).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ state: 'dead', last_error: 'the process ended in the last attempt' });
  });

  it('is left to the process that has its lease now', async () => {
    const other = otherProcess(api);
    const second = noting();
    const { table } = noting(async () => {
      await makeDue(api);
      await runDueJobs(other.ctx, second.table);
      throw new Error('the first one is late');
    });
    const id = await enqueue(api.app.ctx, NOTE, { n: 13 });
    await runDueJobs(api.app.ctx, table);
    expect(second.noted).toEqual([{ n: 13, id, attempt: 2 }]);
    expect(await rowOf(id)).toMatchObject({ state: 'done', attempts: 2, last_error: null });
    await other.close();
  });
});

describe('the worker', () => {
  it('begins a job soon after its commit', async () => {
    const { table, noted } = noting();
    const worker = startWorker(api.app.ctx, table);
    onTestFinished(worker.close);
    await enqueue(api.app.ctx, NOTE, { n: 20 });
    await eventually('the job of this process is done', async () => noted.length === 1);
    // Another process commits it: the worker's own look finds it.
    const other = otherProcess(api);
    await enqueue(other.ctx, NOTE, { n: 21 });
    await other.close();
    await eventually('the job of another process is done', async () => noted.length === 2);
  });

  it('lets the jobs under way end when it is closed, and begins no other', async () => {
    const gate = Promise.withResolvers<void>();
    const { table, noted } = noting(() => gate.promise);
    const worker = startWorker(api.app.ctx, table);
    const id = await enqueue(api.app.ctx, NOTE, { n: 22 });
    await eventually('the job has begun', async () => noted.length === 1);
    const closed = worker.close();
    const later = await enqueue(api.app.ctx, NOTE, { n: 23 });
    gate.resolve();
    await closed;
    expect(await rowOf(id)).toMatchObject({ state: 'done', attempts: 1 });
    expect(await rowOf(later)).toMatchObject({ state: 'pending', attempts: 0 });
    expect(noted.map(({ n }) => n)).toEqual([22]);
    await runDueJobs(api.app.ctx, table);
  });

  it('gives a job back that does not end in time, as if it had not begun', { timeout: 20_000 }, async () => {
    const table = noting(() => new Promise(() => {}));
    const [handler] = table.table.handlers;
    if (handler === undefined) throw new Error('no handler');
    const worker = startWorker(api.app.ctx, { handlers: [{ ...handler, timeoutSeconds: 60 }], schedules: [] });
    const id = await enqueue(api.app.ctx, NOTE, { n: 24 });
    await eventually('the job has begun', async () => table.noted.length === 1);
    await worker.close();
    expect(await rowOf(id)).toMatchObject({ state: 'pending', attempts: 0, last_error: null });
    await api.sql('delete from jobs where id = $1', [id]);
  });

  it.each([2, 4, 8])('of %i processes does each job once', { timeout: 30_000 }, async (count) => {
    const processes = Array.from({ length: count }, () => ({ ...otherProcess(api, { pool_size: 2 }), ...noting() }));
    await api.sql(
      `insert into jobs (id, kind, payload, max_attempts) select gen_random_uuid(), 'test.note', jsonb_build_object('n', n), 8 from generate_series(1, 300) n`,
    );
    await Promise.all(processes.map(({ ctx, table }) => runDueJobs(ctx, table)));
    const all = processes.flatMap(({ noted }) => noted.map(({ n }) => n));
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(await api.sql(`select 1 from jobs where kind = 'test.note' and state = 'pending'`)).toEqual([]);
    await Promise.all(processes.map(({ close }) => close()));
  });

  it.skipIf(pgbouncerProgram === undefined)('works through a transaction pooler', { timeout: 30_000 }, async () => {
    const bouncer = await startPgbouncer(api.url);
    const { createAppContext } = await import('../../../../src/app/app.ts');
    const { testConfig } = await import('../../../helpers/api.ts');
    const pooled = createAppContext(testConfig(bouncer.url, { DATABASE_POOLER: 'transaction' }), { log: api.app.log });
    const { table, noted } = noting();
    const worker = startWorker(pooled.ctx, table);
    for (let n = 0; n < 50; n++) await enqueue(pooled.ctx, NOTE, { n });
    await eventually('all are done', async () => noted.length === 50);
    await worker.close();
    await pooled.close();
    await bouncer.stop();
    expect(new Set(noted.map(({ id }) => id)).size).toBe(50);
  });

  it('refuses two handlers of one kind', () => {
    const { table } = noting();
    const [handler] = table.handlers;
    if (handler === undefined) throw new Error('no handler');
    expect(() => startWorker(api.app.ctx, { handlers: [handler, handler], schedules: [] })).toThrow('the same kind');
  });
});

describe('the status of the jobs', () => {
  it('tells what waits, how long, and what is dead', async () => {
    await api.sql('delete from jobs');
    expect(await readStatus(api.app.ctx)).toEqual({ pending: 0, dead: 0, oldest_due_seconds: 0 });
    const [due, later, dead, running] = await Promise.all([1, 2, 3, 4].map((n) => enqueue(api.app.ctx, NOTE, { n })));
    await api.sql(`update jobs set run_at = now() - interval '100 s' where id = $1`, [due]);
    await api.sql(`update jobs set run_at = now() + interval '1 h' where id = $1`, [later]);
    await api.sql(`update jobs set state = 'dead' where id = $1`, [dead]);
    await api.sql(
      `update jobs set run_at = now() - interval '1 h', locked_until = now() + interval '1 min' where id = $1`,
      [running],
    );
    const { oldest_due_seconds, ...counts } = await readStatus(api.app.ctx);
    expect(counts).toEqual({ pending: 3, dead: 1 });
    expect(oldest_due_seconds).toBeGreaterThanOrEqual(100);
    expect(oldest_due_seconds).toBeLessThan(1000);
    await api.sql('delete from jobs');
  });

  it('is in the metrics, with the attempts by kind and outcome', async () => {
    await enqueue(api.app.ctx, NOTE, { n: 1 });
    await runDueJobs(api.app.ctx, noting().table);
    const { body } = await api.request({ url: '/metrics' });
    expect(body).toMatch(/^jobs_total\{kind="test.note",outcome="done"\} \d+$/m);
    expect(body).toMatch(/^jobs_oldest_due_seconds \d/m);
  });
});

describe('a schedule', () => {
  it('enqueues each moment once, however many processes look', async () => {
    const { table, noted } = noting();
    const scheduled = { ...table, schedules: [{ cron: '* * * * *', kind: NOTE, payload: { n: 30 } }] };
    const others = [otherProcess(api), otherProcess(api)];
    const workers = [api.app.ctx, ...others.map(({ ctx }) => ctx)].map((ctx) => startWorker(ctx, scheduled));
    await eventually('it was done', async () => noted.length > 0);
    await Promise.all(workers.map(({ close }) => close()));
    await Promise.all(others.map(({ close }) => close()));
    const rows = await api.sql<{ dedupe_key: string }>(
      `select dedupe_key from jobs where dedupe_key like '* * * * * %'`,
    );
    expect(new Set(rows.map(({ dedupe_key }) => dedupe_key)).size).toBe(rows.length);
    // A minute can end while the test runs.
    expect(rows.length).toBeLessThan(3);
    expect(noted.length).toBeLessThanOrEqual(rows.length);
  });
});
