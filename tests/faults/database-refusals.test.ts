import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openProxiedScene } from '../helpers/fault-scene.ts';
import { DATABASE_PASSWORD, eventually } from '../helpers/own-postgres.ts';

const scene = openProxiedScene({
  urlFor: async ({ url, sql }) => {
    await sql(`create role app login password '${DATABASE_PASSWORD}'`);
    await sql('grant all on all tables in schema public to app; grant usage, create on schema public to app');
    await sql('grant execute on all functions in schema public to app');
    const ofApp = new URL(url);
    ofApp.username = 'app';
    return ofApp.href;
  },
});

/** Connections that the application tries to make in so many milliseconds. */
async function attemptsWithin(ms: number): Promise<number> {
  const before = scene.proxy.accepted;
  await sleep(ms);
  return scene.proxy.accepted - before;
}

describe('while clients register, write and read, the database', () => {
  it('has another password for a while: no storm of logins, no password in the log, and it goes on by itself', async () => {
    await scene.postgres.sql(`alter role app password 'another'`);
    await scene.endConnections();
    await scene.untilRefused('ready');
    expect(await attemptsWithin(3000)).toBeLessThanOrEqual(4);
    await scene.postgres.sql(`alter role app password '${DATABASE_PASSWORD}'`);
    await expectRecovery(scene);
  });

  it('is paused under its name: the same holds', async () => {
    const { sql, url } = scene.postgres;
    const rename = async (from: string, to: string): Promise<void> => {
      const admin = new URL(url);
      admin.pathname = '/postgres';
      const run = (text: string) => sql(text, undefined, admin.href);
      await run(`alter database ${from} with allow_connections false`).catch(() => {});
      await run(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}'`);
      await run(`alter database ${from} rename to ${to}`);
      await run(`alter database ${to} with allow_connections true`);
    };
    await rename('faults', 'paused');
    await scene.untilRefused('ready');
    expect(await attemptsWithin(2000)).toBeLessThanOrEqual(4);
    await rename('paused', 'faults');
    await expectRecovery(scene);
  });

  it('has room for few connections: requests are served by them or refused in time', async () => {
    await scene.postgres.sql('alter role app connection limit 2');
    onTestFinished(async () => void (await scene.postgres.sql('alter role app connection limit -1')));
    await scene.endConnections();
    await sleep(1500);
    expect(await attemptsWithin(2000)).toBeLessThanOrEqual(4);
    const since = performance.now();
    await eventually('some are served', async () =>
      scene.traffic.answers.some(({ what, status, at }) => what === 'read' && status === 200 && at > since),
    );
    await scene.postgres.sql('alter role app connection limit -1');
    await expectRecovery({ ...scene, is_felt: false });
  });

  it('became a standby: writes are refused until the connections lead to the new primary', async () => {
    // A session does not inherit a read-only default any more, so the refusal of a standby comes from a trigger.
    await scene.postgres.sql(`create function standby() returns trigger language plpgsql as $$
      begin raise exception 'cannot execute in a read-only transaction' using errcode = '25006'; end $$`);
    for (const table of ['kit_notes', 'users', 'sessions'])
      await scene.postgres.sql(`create trigger standby before insert or update on ${table}
        for each statement execute function standby()`);
    await scene.untilRefused('write');
    await scene.postgres.sql('drop function standby cascade');
    // Nobody ends the connections: a refused write must make the pool look for the primary again.
    await expectRecovery({ ...scene, is_felt: false });
  });

  it('has no room on its disk: writes are refused, reads go on', async () => {
    await scene.postgres.sql(`create function full_disk() returns trigger language plpgsql as $$
      begin raise exception 'could not extend file' using errcode = '53100'; end $$`);
    for (const table of ['kit_notes', 'users', 'sessions'])
      await scene.postgres.sql(`create trigger full_disk before insert or update on ${table}
        for each statement execute function full_disk()`);
    await scene.untilRefused('write', 'register');
    const since = performance.now();
    await sleep(500);
    const reads = scene.traffic.answers.filter(({ what, at }) => what === 'read' && at > since);
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.filter(({ status }) => status !== 200)).toEqual([]);
    await scene.postgres.sql('drop function full_disk cascade');
    await expectRecovery({ ...scene, is_felt: false });
  });
});
