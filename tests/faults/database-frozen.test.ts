import { describe, expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openProxiedScene } from '../helpers/fault-scene.ts';

const scene = openProxiedScene();

describe('while clients register, write and read, the database', () => {
  it('freezes and goes on: nobody waits beyond the deadlines, and no connection goes on with an old answer under way', async () => {
    const thaw = scene.postgres.freeze();
    onTestFinished(thaw);
    await scene.untilDeadlines();
    expect(await scene.app.metric('db_pool_waiting')).toBeLessThan(100);
    thaw();
    await expectRecovery(scene);
  });

  it('answers late, all at once', async () => {
    scene.proxy.stall();
    await scene.untilDeadlines();
    await scene.proxy.pass();
    await expectRecovery(scene);
  });
});
