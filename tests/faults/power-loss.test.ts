import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { type FaultScene, openFaultScene } from '../helpers/fault-scene.ts';
import { startTraffic } from '../helpers/fault-traffic.ts';
import { startOwnPostgres } from '../helpers/own-postgres.ts';
import { type CuttableDisk, mountCuttableDisk } from '../helpers/power.ts';
import { SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { HALF_ACCOUNTS, LOST_ITEMS, STRAYS } from '../helpers/whole-rows.ts';

const CUTS = 2;
/** A fresh cluster, and some segments of its log. */
const DISK_MB = 384;
const SAFE = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };

const canCut = ((disk) => {
  disk?.remove();
  return disk !== undefined;
})(mountCuttableDisk(16));

interface Machine extends FaultScene {
  disk: CuttableDisk;
}

/** A scene whose database has a disk of its own. */
function openMachine(settings: Record<string, string>): Machine {
  let disk: CuttableDisk;
  const scene = openFaultScene({
    startPostgres: async (atEnd) => {
      disk = mountCuttableDisk(DISK_MB) ?? expect.fail();
      atEnd.defer(disk.remove);
      const postgres = await startOwnPostgres(settings, disk.folder);
      // The cluster was made without flushing; the machine has been running for a while.
      await postgres.sql('checkpoint');
      disk.flush();
      return postgres;
    },
    serve: ({ url }) => serveApp(url, SHORT_DEADLINES),
  });
  return Object.defineProperty(scene, 'disk', { get: () => disk }) as Machine;
}

/** The disk first: whatever PostgreSQL says after that, it cannot have kept. */
async function losePower({ disk, postgres }: Machine): Promise<void> {
  disk.cutPower();
  await postgres.vanish();
}

describe.skipIf(!canCut)(
  `while clients register, write and read, the database’s machine${canCut ? '' : ' (skipped: it takes root, a loop device and ext4)'}`,
  () => {
    const machine = openMachine(SAFE);

    it('loses power, twice: what was acknowledged is there, nothing is half there', async () => {
      for (let cut = 0; cut < CUTS; cut++) {
        await losePower(machine);
        await machine.untilRefused('write', 'ready');
        machine.disk.bringBack();
        await machine.postgres.start();
        await expectRecovery(machine);
        if (cut < CUTS - 1) machine.traffic = await startTraffic(machine.app.url);
        await sleep(500);
      }
    });
  },
);

describe.skipIf(!canCut)(
  `a database that flushes nothing${canCut ? '' : ' (skipped: it takes root, a loop device and ext4)'}`,
  () => {
    const machine = openMachine({ ...SAFE, fsync: 'off' });

    it('loses what was acknowledged when its machine loses power', async () => {
      const { postgres, traffic } = machine;
      const acknowledged = [...traffic.items.acknowledged.keys()];
      expect(acknowledged.length).toBeGreaterThan(0);
      await losePower(machine);
      await traffic.stop();
      machine.disk.bringBack();
      await postgres.start();
      expect(await postgres.sql(LOST_ITEMS, [acknowledged])).toHaveLength(acknowledged.length);
      expect([...(await postgres.sql(HALF_ACCOUNTS)), ...(await postgres.sql(STRAYS))]).toEqual([]);
    });
  },
);
