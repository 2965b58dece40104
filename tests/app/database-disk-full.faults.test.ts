import { chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type ServedApp, SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { mountSmallDisk, type SmallDisk } from '../helpers/small-disk.ts';

const ROWS_MB = 16;
/** A fresh cluster, and room for some segments of its log. */
const CLUSTER_MB = 192;
/** Segments are not kept for later: each new one asks the disk. */
const SMALL_LOG = { min_wal_size: '32MB', max_wal_size: '32MB', wal_recycle: 'off' };

const canMount = ((disk) => {
  disk?.remove();
  return disk !== undefined;
})(mountSmallDisk(1));

describe.skipIf(!canMount)(
  `while clients register, write and read, the database${canMount ? '' : ' (skipped: it takes the right to mount a disk)'}`,
  () => {
    let traffic: Traffic;

    afterEach(() => traffic?.stop());

    const begin = async (app: ServedApp): Promise<void> => {
      traffic = await startTraffic(app.url);
      await sleep(400);
    };
    const untilRefused = (what: string): Promise<void> => {
      const since = performance.now();
      return eventually(
        `${what} is refused`,
        async () =>
          traffic.answers.some((answer) => answer.what === what && answer.status === 503 && answer.at > since),
        10_000,
      );
    };

    describe('on a disk of its own for a table', () => {
      let disk: SmallDisk;
      let postgres: OwnPostgres;
      let app: ServedApp;

      beforeAll(async () => {
        disk = mountSmallDisk(ROWS_MB) ?? expect.fail();
        postgres = await startOwnPostgres();
        const rows = join(disk.folder, 'rows');
        mkdirSync(rows, { mode: 0o700 });
        const { uid, gid } = statSync(postgres.folder);
        for (const path of [disk.folder, rows]) chownSync(path, uid, gid);
        await postgres.sql(`create tablespace small location '${rows}'`);
        await postgres.sql('alter table items set tablespace small');
        app = await serveApp(postgres.url, SHORT_DEADLINES);
      });
      beforeEach(() => begin(app));
      afterAll(async () => {
        await app?.stop();
        await postgres?.remove();
        disk?.remove();
      });

      it('has not one page left for it: writes to it are refused, reads and other writes go on', async () => {
        disk.fill();
        await untilRefused('write');
        const since = performance.now();
        await sleep(700);
        const others = traffic.answers.filter(
          ({ what, at }) => at > since && ['read', 'register', 'refresh', 'ready'].includes(what),
        );
        expect(others.length).toBeGreaterThan(10);
        expect(others.filter(({ status }) => status === 503).slice(0, 3)).toEqual([]);
        expect(app.program.output()).toContain('No space left on device');
        disk.clear();
        await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
      });
    });

    describe('on a disk of its own', () => {
      let disk: SmallDisk;
      let postgres: OwnPostgres;
      let app: ServedApp;

      beforeAll(async () => {
        disk = mountSmallDisk(CLUSTER_MB) ?? expect.fail();
        postgres = await startOwnPostgres(SMALL_LOG, disk.folder);
        app = await serveApp(postgres.url, SHORT_DEADLINES);
      });
      beforeEach(() => begin(app));
      afterAll(async () => {
        await app?.stop();
        await postgres?.remove();
        disk?.remove();
      });

      it('cannot write its log any more and goes down: everybody is refused until it has room and is started', async () => {
        disk.fill();
        const isDown = async (): Promise<boolean> => {
          // The next segment of the log is asked for.
          const goesOn = postgres.sql(`select pg_logical_emit_message(false, '', 'x'), pg_switch_wal()`);
          return goesOn.then(
            () => false,
            () => true,
          );
        };
        await eventually('the log finds no room', isDown, 10_000);
        await untilRefused('write');
        await untilRefused('ready');
        disk.clear();
        await postgres.stop('immediate');
        await postgres.start();
        await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
      });
    });
  },
);
