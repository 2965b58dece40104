import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

let proxy: TcpProxy;
const scene = openFaultScene({
  serve: async ({ port, url }, atEnd) => {
    proxy = await startTcpProxy(port);
    atEnd.defer(proxy.close);
    return serveApp(proxy.before(url), SHORT_DEADLINES);
  },
});
afterEach(() => proxy.pass());

describe('while clients register, write and read, the database', () => {
  /** Waits until the clients have been refused for a while, so that the deadlines have passed for all of them. */
  async function untilRefused(): Promise<void> {
    await scene.untilRefused('read', 'ready');
    await sleep(500);
  }

  it('freezes and goes on: nobody waits beyond the deadlines, and no connection goes on with an old answer under way', async () => {
    const thaw = scene.postgres.freeze();
    onTestFinished(thaw);
    await untilRefused();
    expect(await scene.app.metric('db_pool_waiting')).toBeLessThan(100);
    thaw();
    await expectRecovery(scene);
  });

  it('answers late, all at once', async () => {
    proxy.stall();
    await untilRefused();
    await proxy.pass();
    await expectRecovery(scene);
  });
});
