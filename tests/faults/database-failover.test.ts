import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openProxiedScene } from '../helpers/fault-scene.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { postgres15 } from '../helpers/postgres-15.ts';
import { type Standby, startStandby } from '../helpers/standby.ts';

const binaries = postgres15;
if (binaries === undefined) {
  describe('a database of two servers', () => it.skip('fails over (skipped: PostgreSQL 15 is not installed)'));
} else {
  describe('while clients register, write and read, a database of two servers', () => failovers(binaries));
}

function failovers(binaries: string): void {
  let standby: Standby;
  const scene = openProxiedScene({ startPostgres: () => startOwnPostgres({}, undefined, binaries) });

  beforeEach(async () => {
    standby = await startStandby(scene.postgres, binaries);
  });
  /** The one that was promoted is the next test's primary. */
  afterEach(async () => {
    await scene.postgres.remove();
    scene.postgres = standby;
  });

  /** Nothing is acknowledged from now on that the standby does not have; what it lacked would be lost with the primary. */
  async function haveWritesWait(): Promise<void> {
    const { postgres } = scene;
    await postgres.sql(`alter system set synchronous_standby_names = '*'`);
    await postgres.sql('select pg_reload_conf()');
    const isSynchronous = async (): Promise<boolean> => {
      const [row] = await postgres.sql<{ sync_state: string }>('select sync_state from pg_stat_replication');
      return row?.sync_state === 'sync';
    };
    await eventually('writes wait for the standby', isSynchronous);
    await sleep(500);
  }

  /** All that must hold after any fault holds on the server that the address now leads to. */
  async function expectGoneOver(is_felt = true): Promise<void> {
    expect(await standby.sql('select pg_is_in_recovery() as is_standby')).toEqual([{ is_standby: false }]);
    await expectRecovery({ ...scene, postgres: standby, is_felt });
  }

  it('changes places in order: the primary ends, its standby is promoted, the address moves', async () => {
    await scene.postgres.stop('fast');
    await scene.untilRefused('ready');
    await standby.promote();
    scene.proxy.leadTo(standby.port);
    await expectGoneOver();
  });

  it('loses its primary to SIGKILL while every write waits for the standby: what was acknowledged is there, and an old primary that comes back gets nothing', async () => {
    const old: OwnPostgres = scene.postgres;
    await haveWritesWait();
    await old.crash();
    await scene.untilRefused('ready', 'write');
    await standby.promote();
    scene.proxy.leadTo(standby.port);
    await old.start();
    await expectGoneOver();
    const strays = await old.sql(`select pid from pg_stat_activity where application_name = 'back-api'`);
    expect(strays).toEqual([]);
    const [kept] = await old.sql<{ items: number }>('select count(*)::int as items from kit_notes');
    expect(kept?.items).toBeLessThan((await standby.sql('select from kit_notes')).length);
  });

  it('leads to a standby that is not promoted yet: reads are served, writes refused, until it is', async () => {
    const { traffic } = scene;
    await haveWritesWait();
    await scene.postgres.crash();
    scene.proxy.leadTo(standby.port);
    await scene.untilRefused('write', 'register', 'refresh');
    const since = performance.now();
    await sleep(1000);
    const during = traffic.answers.filter(({ at }) => at > since);
    const statuses = (...clients: string[]): Set<number> =>
      new Set(during.filter(({ what }) => clients.includes(what)).map(({ status }) => status));
    expect(statuses('read')).toEqual(new Set([200]));
    expect(statuses('write', 'register', 'refresh')).toEqual(new Set([503]));
    expect(statuses('intrude')).toEqual(new Set([401]));
    await standby.promote();
    await expectGoneOver(false);
  });
}
