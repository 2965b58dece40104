import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { send, startTraffic } from '../helpers/fault-traffic.ts';
import { isFullForm } from '../helpers/full-form.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { residentMegabytes } from '../helpers/processes.ts';

const ABORTS = isFullForm ? 15_000 : 1500;
const A_SECOND = 1000;
const AT_ONCE = 20;

const scene = openFaultScene();

/** Sends what is given and resets the connection a moment later, whatever the server is doing with it. */
function abort(bytes: string, after_ms: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(scene.app.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.once('connect', () => {
      socket.write(bytes);
      setTimeout(() => socket.resetAndDestroy(), after_ms);
    });
  });
}

/** A steady rate, whatever becomes of those before. */
async function storm(bytes: (n: number) => string): Promise<void> {
  const all: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < ABORTS; n += AT_ONCE) {
    for (let more = 0; more < AT_ONCE; more++) all.push(abort(bytes(n + more), more % 5));
    await sleep(Math.max(0, began + (n * 1000) / A_SECOND - performance.now()));
  }
  await Promise.all(all);
}

/** Files and sockets that the server holds open, where Linux tells. */
function descriptors(): number {
  return process.platform === 'linux' ? readdirSync(`/proc/${scene.app.pid}/fd`).length : 0;
}

it('a storm of clients that go away in the middle leaves no connection, no descriptor and no half write behind', async () => {
  const { postgres, app } = scene;
  await scene.traffic.stop();
  const before = descriptors();
  const registered = await send('register', `${app.url}/auth/register`, {
    body: { email: 'storm@example.com', password: 'correct horse battery staple' },
  });
  const { access_token } = JSON.parse(registered.text) as { access_token: string };
  const head = (path: string, length: number): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${access_token}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  const bytes = (n: number): string => {
    const body = JSON.stringify({ title: `aborted ${n}` });
    // A half head, a half body, and a whole request whose answer nobody awaits.
    const shapes = [head('/kit-notes', body.length).slice(0, 40), head('/kit-notes', body.length) + body.slice(0, 5)];
    return shapes[n % 3] ?? head('/kit-notes', body.length) + body;
  };
  await storm(bytes);
  const grown = residentMegabytes(app.pid);
  await storm((n) => bytes(ABORTS + n));
  await eventually('the descriptors are given back', async () => descriptors() <= before + 20, 10_000);
  expect(residentMegabytes(app.pid), 'a second storm takes little more than the first').toBeLessThan(grown + 100);
  const halves = await postgres.sql(
    `select title from kit_notes where title like 'aborted %' group by title having count(*) > 1`,
  );
  expect(halves).toEqual([]);
  const wrong = await postgres.sql(
    `select title from kit_notes where title like 'aborted %' and substring(title from '\\d+')::int % 3 <> 2`,
  );
  expect(wrong, 'nothing was written for a request that did not come whole').toEqual([]);
  scene.traffic = await startTraffic(app.url);
  await expectRecovery({ ...scene, is_felt: false });
});
