import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { send } from '../helpers/fault-traffic.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { serveApp } from '../helpers/served-app.ts';

let postgres: OwnPostgres;

beforeAll(async () => {
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.remove());

function locked(): Promise<{ pid: number }[]> {
  return postgres.sql(
    `select pid from pg_stat_activity where application_name = 'back-api' and wait_event_type = 'Lock'`,
  );
}

describe('a request that is stuck when the process is asked to stop', () => {
  it('is cut off at the deadline: the process ends with 1, and the database keeps no connection of it', async () => {
    const app = await serveApp(postgres.url, { STATEMENT_TIMEOUT_SECONDS: '60' });
    const registered = await send('register', `${app.url}/auth/register`, {
      body: { email: 'stuck@example.com', password: PASSWORD },
    });
    const { access_token: token } = JSON.parse(registered.text) as { access_token: string };
    const other = new pg.Client(postgres.url);
    await other.connect();
    onTestFinished(() => other.end());
    await other.query('begin; lock table kit_notes');
    const stuck = send('write', `${app.url}/kit-notes`, { token, body: { title: 'stuck' } });
    await eventually('it waits for the lock', async () => (await locked()).length === 1);

    const began = performance.now();
    expect(await app.stop()).toBe(1);
    expect(performance.now() - began).toBeLessThan(12_000);
    expect((await stuck).status, 'its client is not told that it was done').toBe(0);
    await sleep(100);
    await other.query('rollback');
    const connections = async (): Promise<unknown[]> =>
      postgres.sql(`select pid from pg_stat_activity where application_name = 'back-api'`);
    await eventually('the connections are gone', async () => (await connections()).length === 0);
  });
});
