import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createConnections } from '../../src/doctor/observe/connections.ts';
import { observePooling } from '../../src/doctor/observe/pooling.ts';
import { testConfig } from '../helpers/api.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { pgbouncerProgram, startPgbouncer } from '../helpers/pgbouncer.ts';
import { databaseIn, examine, seenIn } from './examine.ts';

const ALL = {
  prepared_statements: true,
  session_settings: true,
  session_locks: true,
  transaction_locks: true,
  listen: true,
};
/** Lets the driver's deadlines through, and who asks into the console. */
const FRIENDLY = { ignore_startup_parameters: 'extra_float_digits,statement_timeout', admin_users: 'postgres' };

let project: MigrationProject;

// Without revisions, so that no test waits for the comparison with the models.
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.end());

describe('on a direct connection the doctor', () => {
  it('sees that all works, by its own statements', async () => {
    const examined = await examine(project.url);
    expect(seenIn(databaseIn(examined).pooling)).toMatchObject({ kind: 'direct', ...ALL });
    expect(examined.finding('pooler_setting')).toMatchObject({ level: 'ok' });
    expect(databaseIn(examined).pooler).toBeUndefined();
    expect(seenIn(databaseIn(examined).session).statement_timeout_ms).toBe(5000);
  });

  it('tells who takes it for a pooler what that costs', async () => {
    const examined = await examine(project.url, { environment: { DATABASE_POOLER: 'transaction' } });
    expect(examined.finding('pooler_setting')).toMatchObject({ level: 'warn', fix: ['DATABASE_POOLER=none'] });
    // Nothing is sent at the start of a session then.
    expect(examined.finding('statement_timeout')).toMatchObject({ level: 'warn' });
  });

  it('leaves nothing behind: no connection, no lock', async () => {
    await examine(project.url);
    expect(await project.sql(LEFT_BEHIND)).toEqual([{ connections: 0, locks: 0 }]);
  });
});

if (pgbouncerProgram === undefined) {
  describe.skip('behind PgBouncer (skipped: pgbouncer is not installed)', () => {
    it('the doctor tells its mode from what happens to a session', () => {});
  });
} else {
  describe('behind PgBouncer in session mode the doctor', () => {
    it('sees the pooler, and that a session keeps what it has', async () => {
      const url = await pooler({ pool_mode: 'session', default_pool_size: 20, ...FRIENDLY });
      const examined = await examine(url);
      expect(seenIn(databaseIn(examined).pooling)).toMatchObject({ kind: 'session_pooler', ...ALL });
      expect(examined.finding('pooler_setting')).toMatchObject({ level: 'ok' });
      // The pooler swallows the driver's deadline.
      expect(examined.finding('statement_timeout')).toMatchObject({
        level: 'warn',
        fix: [`ALTER ROLE CURRENT_USER SET statement_timeout = '5s'`],
      });
      expect(examined.finding('pooler_limits')).toMatchObject({ level: 'ok' });
    });

    it('says that the application cannot connect where its startup parameters are refused, and how it could', async () => {
      const url = await pooler({ pool_mode: 'session', default_pool_size: 20 });
      const refused = await examine(url);
      expect(refused.finding('startup_parameters')).toMatchObject({
        level: 'fail',
        message: expect.stringContaining('unsupported startup parameter: statement_timeout'),
        fix: [expect.stringContaining(FRIENDLY.ignore_startup_parameters), expect.any(String)],
      });
      const mended = await examine(await pooler({ pool_mode: 'session', default_pool_size: 20, ...FRIENDLY }));
      expect(mended.finding('startup_parameters')).toBeUndefined();
    });

    it('counts the clients that it serves at once, where it tells', async () => {
      const tight = await examine(await pooler({ pool_mode: 'session', default_pool_size: 14, ...FRIENDLY }));
      expect(tight.finding('pooler_limits')).toMatchObject({
        level: 'fail',
        message: expect.stringContaining('serves 14 clients at once, and 15 may come'),
      });
      // Whoever is let in as himself sees the console only where he is named.
      const settings = { ...FRIENDLY, auth_type: 'trust', admin_users: 'somebody' };
      const silent = await examine(await pooler({ pool_mode: 'session', default_pool_size: 14, ...settings }));
      expect(silent.finding('pooler_limits')).toMatchObject({
        level: 'ok',
        message: expect.stringMatching(/^The pooler does not tell its limits .* see that it takes 15 clients at once/),
      });
    });
  });

  describe('behind PgBouncer in transaction mode the doctor', () => {
    it.each([0, 1])(
      'sees that a session loses what it has, with server_round_robin = %d',
      async (server_round_robin) => {
        const url = await pooler({ pool_mode: 'transaction', server_round_robin });
        await keepServersBusy(url);
        const examined = await examine(url);
        expect(seenIn(databaseIn(examined).pooling)).toMatchObject({
          kind: 'transaction_pooler',
          prepared_statements: false,
          session_settings: false,
          session_locks: false,
          transaction_locks: true,
          listen: false,
        });
        expect(examined.finding('pooler_setting')).toMatchObject({
          level: 'fail',
          fix: ['DATABASE_POOLER=transaction'],
        });
        expect(examined.finding('startup_parameters')).toMatchObject({
          level: 'fail',
          fix: ['DATABASE_POOLER=transaction'],
        });
      },
    );

    it('is not deceived by two servers that take turns as its two connections do', async () => {
      const url = await pooler({ pool_mode: 'transaction', server_round_robin: 1, default_pool_size: 2 });
      const connections = createConnections(testConfig(url), 5000);
      onTestFinished(connections.closeAll);
      const [one, other] = [await connections.open(), await connections.open()];
      await Promise.all([one.query('begin'), other.query('begin')]);
      await one.query('commit');
      await other.query('commit');
      expect(await observePooling(one, other)).toMatchObject({ kind: 'transaction_pooler' });
    });

    it('is content once DATABASE_POOLER says so', async () => {
      const environment = { DATABASE_POOLER: 'transaction' };
      const examined = await examine(await pooler({ pool_mode: 'transaction', ...FRIENDLY }), { environment });
      const [connection] = examined.diagnosis.groups;
      expect(connection?.findings.map(({ level }) => level)).toEqual(Array.from({ length: 7 }, () => 'ok'));
      expect(examined.finding('startup_parameters')).toBeUndefined();
      expect(examined.finding('pooler_limits')?.message).toBe(
        'The pooler takes 200 clients and has 8 connections for them',
      );
    });

    it('leaves nothing in the sessions that others get', async () => {
      const url = await pooler({ pool_mode: 'transaction', default_pool_size: 3 });
      const connections = createConnections(testConfig(url), 5000);
      onTestFinished(connections.closeAll);
      for (let time = 0; time < 5; time++) {
        const pair = [await connections.open(), await connections.open()] as const;
        expect(await observePooling(...pair)).toMatchObject({ kind: 'transaction_pooler', prepared_statements: false });
      }
      expect(await leftInServers(url, 3)).toEqual([
        { statements: 0, mark: '' },
        { statements: 0, mark: '' },
        { statements: 0, mark: '' },
      ]);
      expect(await project.sql(LEFT_BEHIND)).toMatchObject([{ locks: 0 }]);
    });
  });
}

const LEFT_BEHIND = `select
  (select count(*)::int from pg_stat_activity where application_name = 'back-api doctor' and datname = current_database()) as connections,
  (select count(*)::int from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())) as locks`;

async function pooler(settings: Record<string, string | number>): Promise<string> {
  const started = await startPgbouncer(project.url, settings);
  onTestFinished(started.stop);
  return started.url;
}

/** Opens several of the pooler's servers, so that there is more than one to change to. */
async function keepServersBusy(url: string): Promise<void> {
  await onEveryServer(url, 3, async () => {});
}

/** What each of the pooler's servers has of ours. */
function leftInServers(url: string, count: number): Promise<unknown[]> {
  return onEveryServer(url, count, async (client) => {
    const { rows } = await client.query(
      `select (select count(*)::int from pg_prepared_statements) as statements,
              coalesce(current_setting('back_doctor.mark', true), '') as mark`,
    );
    return rows[0];
  });
}

/** Holds `count` servers at once by transactions, and does something on each. */
async function onEveryServer<T>(url: string, count: number, work: (client: pg.Client) => Promise<T>): Promise<T[]> {
  const clients = Array.from({ length: count }, () => new pg.Client(url));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    await Promise.all(clients.map((client) => client.query('begin')));
    return await Promise.all(clients.map(work));
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
