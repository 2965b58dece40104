import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { startTraffic } from '../helpers/fault-traffic.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { sendRaw } from '../helpers/raw.ts';
import { serveApp } from '../helpers/served-app.ts';

/** Files and sockets that the server may have open, and clients who come. */
const LIMIT = 256;
const CLIENTS = 600;
/** What the budget keeps for the database, the log and the runtime; some of it is in use. */
const RESERVED = 63;

const scene = openFaultScene({
  serve: ({ url }) => serveApp(url, {}, { command: ['sh', '-c', `ulimit -n ${LIMIT} && exec "$0" "$@"`] }),
});
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens a connection that says nothing, from one of many networks; one that the server could not take is soon closed by it. */
async function open(_client: unknown, index: number): Promise<void> {
  const socket = connect({ port: scene.app.port, host: '127.0.0.1', localAddress: `127.9.${index % 100}.2` });
  socket.on('error', () => {});
  sockets.push(socket);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
}

function descriptors(): number {
  return readdirSync(`/proc/${scene.app.pid}/fd`).length;
}

describe.skipIf(process.platform !== 'linux')(`a server that may have ${LIMIT} files open`, () => {
  it('lives when more clients come than that, serves those who are in, and everybody when they are gone', async () => {
    const { app, traffic } = scene;
    const began = traffic.answers.length;
    await Promise.all(Array.from({ length: CLIENTS }, open));
    await eventually('no place for a client is left', async () => descriptors() >= LIMIT - RESERVED);
    await sleep(1500);
    // The rest is kept for the database and the log.
    expect(descriptors()).toBeLessThan(LIMIT - 5);
    const late = await sendRaw(app.port, 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n', 5000);
    expect(late, 'a new client is sent away rather than kept waiting').toMatchObject({ status: 0, closed: true });
    // Clients with a connection go on.
    const during = traffic.answers.slice(began);
    expect(during.filter(({ status }) => status === 200 || status === 201).length).toBeGreaterThan(20);
    expect(during.filter(({ status }) => ![0, 200, 201, 401, 503].includes(status)).slice(0, 3)).toEqual([]);
    await traffic.stop();

    for (const socket of sockets.splice(0)) socket.destroy();
    await eventually('the descriptors are given back', async () => descriptors() < LIMIT / 2);
    scene.traffic = await startTraffic(app.url);
    await expectRecovery({ ...scene, is_felt: false });
  });
});
