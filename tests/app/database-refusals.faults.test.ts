import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { DATABASE_PASSWORD, eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type ServedApp, SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const WARM_UP_MS = 400;

let postgres: OwnPostgres;
let proxy: TcpProxy;
let app: ServedApp;
let traffic: Traffic;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  proxy = await startTcpProxy(postgres.port);
  await postgres.sql(`create role app login password '${DATABASE_PASSWORD}'`);
  await postgres.sql('grant all on all tables in schema public to app; grant usage, create on schema public to app');
  await postgres.sql('grant execute on all functions in schema public to app');
  const url = new URL(proxy.before(postgres.url));
  url.username = 'app';
  app = await serveApp(url.href, SHORT_DEADLINES);
});
beforeEach(async () => {
  traffic = await startTraffic(app.url);
  await sleep(WARM_UP_MS);
});
afterEach(() => traffic?.stop());
afterAll(async () => {
  await app?.stop();
  await proxy?.close();
  await postgres?.remove();
});

function endConnections(): Promise<unknown> {
  return postgres.sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'back-api'`);
}

async function untilRefused(what: string): Promise<void> {
  const since = performance.now();
  const isRefused = async (): Promise<boolean> =>
    traffic.answers.some((answer) => answer.what === what && answer.status === 503 && answer.at > since);
  await eventually(`${what} is refused`, isRefused);
}

/** Connections that the application tries to make in so many milliseconds. */
async function attemptsWithin(ms: number): Promise<number> {
  const before = proxy.accepted;
  await sleep(ms);
  return proxy.accepted - before;
}

describe('while clients register, write and read, the database', () => {
  it('has another password for a while: no storm of logins, no password in the log, and it goes on by itself', async () => {
    await postgres.sql(`alter role app password 'another'`);
    await endConnections();
    await untilRefused('ready');
    expect(await attemptsWithin(3000)).toBeLessThanOrEqual(4);
    await postgres.sql(`alter role app password '${DATABASE_PASSWORD}'`);
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('is paused under its name: the same holds', async () => {
    const rename = async (from: string, to: string): Promise<void> => {
      const admin = new URL(postgres.url);
      admin.pathname = '/postgres';
      await postgres.sql(`alter database ${from} with allow_connections false`, undefined, admin.href).catch(() => {});
      await postgres.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}'`,
        undefined,
        admin.href,
      );
      await postgres.sql(`alter database ${from} rename to ${to}`, undefined, admin.href);
      await postgres.sql(`alter database ${to} with allow_connections true`, undefined, admin.href);
    };
    await rename('faults', 'paused');
    await untilRefused('ready');
    expect(await attemptsWithin(2000)).toBeLessThanOrEqual(4);
    await rename('paused', 'faults');
    await expectRecovery({ app, postgres, traffic, back_at: performance.now() });
  });

  it('has room for few connections: requests are served by them or refused in time', async () => {
    await postgres.sql('alter role app connection limit 2');
    onTestFinished(async () => void (await postgres.sql('alter role app connection limit -1')));
    await endConnections();
    await sleep(1500);
    const since = performance.now();
    await eventually('some are served', async () =>
      traffic.answers.some(({ what, status, at }) => what === 'read' && status === 200 && at > since),
    );
    await postgres.sql('alter role app connection limit -1');
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
  });

  it('became a standby: writes are refused until the connections lead to the new primary', async () => {
    await postgres.sql('alter role app set default_transaction_read_only = on');
    await endConnections();
    await untilRefused('write');
    await postgres.sql('alter role app reset default_transaction_read_only');
    // Nobody ends the connections: a refused write must make the pool look for the primary again.
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
  });

  it('has no room on its disk: writes are refused, reads go on', async () => {
    await postgres.sql(`create function full_disk() returns trigger language plpgsql as $$
      begin raise exception 'could not extend file' using errcode = '53100'; end $$`);
    for (const table of ['items', 'users', 'sessions'])
      await postgres.sql(`create trigger full_disk before insert or update on ${table}
        for each statement execute function full_disk()`);
    await untilRefused('write');
    await untilRefused('register');
    const since = performance.now();
    await sleep(500);
    const reads = traffic.answers.filter(({ what, at }) => what === 'read' && at > since);
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.filter(({ status }) => status !== 200)).toEqual([]);
    await postgres.sql('drop function full_disk cascade');
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
  });
});
