import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase, inTransaction } from '../../src/app/database.ts';
import { testConfig } from '../helpers/api.ts';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openProxiedScene } from '../helpers/fault-scene.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const scene = openProxiedScene();

describe('while clients register, write and read, the database', () => {
  it('falls silent for a while, as behind a dead router', async () => {
    scene.proxy.drop();
    await scene.untilDeadlines();
    await scene.proxy.pass();
    await expectRecovery(scene);
  });

  it('moves to another address while the old one is silent', async () => {
    const { postgres, traffic } = scene;
    const other = await startTcpProxy(postgres.port);
    onTestFinished(other.close);
    onTestFinished(() => scene.proxy.leadTo(postgres.port));
    scene.proxy.leadTo(other.port);
    await eventually('a client meets the silence', async () => traffic.answers.some(({ status }) => status === 503));
    await expectRecovery({ ...scene, is_felt: false });
    // Back to the old address without the connections that the other one held: each would cost a client one 503.
    scene.proxy.leadTo(postgres.port);
    await scene.endConnections();
  });

  it('refuses connections for a while', async () => {
    await scene.proxy.refuse();
    await scene.untilDeadlines();
    await scene.proxy.pass();
    await expectRecovery(scene);
  });
});

describe('a silent database', () => {
  let silent: TcpProxy;

  beforeEach(async () => {
    silent = await startTcpProxy(scene.postgres.port);
  });
  afterEach(() => silent?.close());

  it('does not keep the process from its orderly end', async () => {
    const ending = await serveApp(silent.before(scene.postgres.url), SHORT_DEADLINES);
    expect((await fetch(`${ending.url}/health/ready`)).status).toBe(200);
    silent.drop();
    expect(await ending.stop()).toBe(0);
  });

  it('that answers no begin has a transaction run on another connection, once', async () => {
    const { port, url } = scene.postgres;
    const { db, pool } = createDatabase(testConfig(silent.before(url), SHORT_DEADLINES), { warn: () => {} });
    onTestFinished(() => pool.end());
    await db.execute(sql`select 1`);
    silent.leadTo(port);
    let runs = 0;
    const answer = await inTransaction({ db }, async ({ db }) => {
      runs++;
      return db.execute<{ one: number }>(sql`select 1 as one`);
    });
    // `begin` travels with the first statement, so the work had begun on the silent connection.
    expect([answer.rows, runs]).toEqual([[{ one: 1 }], 2]);
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
  });
});
