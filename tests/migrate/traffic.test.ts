import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';

/** How long the report holds its table. */
const REPORT_MS = 3000;
/** A lock is waited for 100 ms at a time; the rest is for a busy machine. */
const MOST_DELAY_MS = 700;

describe('a migration that waits behind a long SELECT', () => {
  let project: MigrationProject;

  beforeAll(async () => {
    project = await createProject();
    await project.sql('create table items (id int primary key, title text)');
    await project.sql(`insert into items select i, 'item ' || i from generate_series(1, 1000) i`);
    project.write({
      id: 'aaaa1111',
      upgrade: 'alter table items add column note text;',
      downgrade: 'alter table items drop column note;',
    });
  });
  afterAll(() => project.end());

  it('never queues the traffic behind itself, says who is in the way, and gets through when it is gone', async () => {
    const reasons: string[] = [];
    const report = await startReport();
    const traffic = startTraffic();
    const upgrade = project.migrator({ onWait: (reason) => reasons.push(reason) }).upgrade('head');
    await sleep(REPORT_MS);
    expect(await columns(), 'it is still waiting').toEqual(['id', 'title']);
    await report.end();
    expect(await upgrade).toHaveLength(1);
    const { slowest_ms, count } = await traffic.stop();

    expect(slowest_ms).toBeLessThan(MOST_DELAY_MS);
    expect(count).toBeGreaterThan(100);
    expect(await columns()).toEqual(['id', 'title', 'note']);
    expect(reasons[0]).toMatch(new RegExp(`^items is in use by process ${report.pid} for \\d+ s: select count`));
  });

  it('would stop the traffic without that', async () => {
    const report = await startReport();
    const traffic = startTraffic();
    const plain = await project.connect();
    const change = plain.query('alter table items add column plain text');
    await sleep(REPORT_MS / 2);
    await report.end();
    await change;
    expect((await traffic.stop()).slowest_ms).toBeGreaterThan(REPORT_MS / 3);
  });

  it('gives up after twelve times its lock_timeout, and changes nothing', async () => {
    const report = await startReport();
    project.write({
      id: 'bbbb2222',
      down: 'aaaa1111',
      upgrade: '-- lock_timeout: 100ms\n\nalter table items add column more text;',
    });
    await expect(project.migrator().upgrade('head')).rejects.toThrow(
      /lock timeout[\s\S]*Gave up after \d s: items is in use by process \d+/,
    );
    await report.end();
    expect(await columns()).not.toContain('more');
  });

  async function startReport(): Promise<{ pid: number; end: () => Promise<void> }> {
    const client = await project.connect();
    await client.query('begin');
    await client.query('select count(*) from items');
    const { rows } = await client.query('select pg_backend_pid() as pid');
    await client.query('select count(*) from items');
    return { pid: rows[0].pid, end: async () => void (await client.query('commit')) };
  }

  /** Reads and writes like an API; measures the slowest request. */
  function startTraffic(): { stop: () => Promise<{ slowest_ms: number; count: number }> } {
    const state = { running: true, slowest_ms: 0, count: 0 };
    const worker = async (): Promise<void> => {
      const client = await project.connect();
      while (state.running) {
        const id = 1 + Math.floor(Math.random() * 1000);
        const started = performance.now();
        await client.query('select id, title from items where id = $1', [id]);
        await client.query('update items set title = $2 where id = $1', [id, `item ${id}`]);
        state.slowest_ms = Math.max(state.slowest_ms, performance.now() - started);
        state.count += 1;
        await sleep(2);
      }
    };
    const workers = Promise.all([worker(), worker(), worker()]);
    return {
      stop: async () => {
        state.running = false;
        await workers;
        return state;
      },
    };
  }

  async function columns(): Promise<string[]> {
    const rows = await project.sql<{ name: string }>(
      `select attname::text as name from pg_attribute where attrelid = 'items'::regclass and attnum > 0 and not attisdropped and attname <> 'plain' order by attnum`,
    );
    return rows.map(({ name }) => name);
  }
});
