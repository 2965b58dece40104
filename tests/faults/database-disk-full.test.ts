import { chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { eventually, startOwnPostgres } from '../helpers/own-postgres.ts';
import { SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
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
    describe('on a disk of its own for a table', () => {
      let disk: SmallDisk;
      const scene = openFaultScene({
        startPostgres: async (atEnd) => {
          disk = mountSmallDisk(ROWS_MB) ?? expect.fail();
          atEnd.defer(disk.remove);
          return startOwnPostgres();
        },
        serve: async ({ folder, sql, url }) => {
          const rows = join(disk.folder, 'rows');
          mkdirSync(rows, { mode: 0o700 });
          const { uid, gid } = statSync(folder);
          for (const path of [disk.folder, rows]) chownSync(path, uid, gid);
          await sql(`create tablespace small location '${rows}'`);
          await sql('alter table kit_notes set tablespace small');
          return serveApp(url, SHORT_DEADLINES);
        },
      });

      it('has not one page left for it: writes to it are refused, reads and other writes go on', async () => {
        disk.fill();
        await scene.untilRefused('write');
        const since = performance.now();
        await sleep(700);
        const others = scene.traffic.answers.filter(
          ({ what, at }) => at > since && ['read', 'register', 'refresh', 'ready'].includes(what),
        );
        expect(others.length).toBeGreaterThan(10);
        expect(others.filter(({ status }) => status === 503).slice(0, 3)).toEqual([]);
        expect(scene.app.program.output()).toContain('No space left on device');
        disk.clear();
        await expectRecovery({ ...scene, is_felt: false });
      });
    });

    describe('on a disk of its own', () => {
      let disk: SmallDisk;
      const scene = openFaultScene({
        startPostgres: async (atEnd) => {
          disk = mountSmallDisk(CLUSTER_MB) ?? expect.fail();
          atEnd.defer(disk.remove);
          return startOwnPostgres(SMALL_LOG, disk.folder);
        },
        serve: ({ url }) => serveApp(url, SHORT_DEADLINES),
      });

      it('cannot write its log any more and goes down: everybody is refused until it has room and is started', async () => {
        const { postgres } = scene;
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
        await scene.untilRefused('write', 'ready');
        disk.clear();
        await postgres.stop('immediate');
        await postgres.start();
        await expectRecovery(scene);
      });
    });
  },
);
