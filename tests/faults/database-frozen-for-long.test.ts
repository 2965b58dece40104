import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { isFullForm } from '../helpers/full-form.ts';

/** Five seconds for a connection, five and one for a statement, and some more. */
const FROZEN_MS = isFullForm ? 30_000 : 13_000;

const scene = openFaultScene();

it('a database that is frozen for longer than all deadlines together, as they are by default, keeps no request and is found again', async () => {
  const { postgres, app, traffic } = scene;
  const thaw = postgres.freeze();
  onTestFinished(thaw);
  await sleep(FROZEN_MS);
  const refused = traffic.answers.filter(({ status }) => status === 503);
  for (const who of ['read', 'write', 'register', 'refresh', 'ready'])
    expect(refused.filter(({ what }) => what === who).length, `${who} is refused in time`).toBeGreaterThan(0);
  expect(await app.metric('db_pool_waiting')).toBeLessThan(100);
  thaw();
  await expectRecovery(scene);
});
