import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { freePort } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECRET_KEY } from '../helpers/api.ts';
import { untilServing } from '../helpers/processes.ts';

/** A line of the log is longer than this, so these requests fill any pipe (64 KiB) and all that may wait behind it. */
const LINE_BYTES = 200;
const ROOM_BYTES = 4 * 1024 * 1024 + 256 * 1024;

describe('a standard output that nobody reads (F42)', () => {
  let server: ChildProcess;
  let port: number;
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });

  beforeAll(async () => {
    port = await freePort();
    // The reading end stays open and untouched: the pipe fills up and then blocks whoever writes.
    server = spawn(process.execPath, [fileURLToPath(new URL('../../src/app/main.ts', import.meta.url))], {
      env: { PATH: process.env.PATH, SECRET_KEY, PORT: String(port), ENVIRONMENT: 'test', HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(await untilServing(server, `http://127.0.0.1:${port}/health/live`)).toBe(true);
  });

  afterAll(async () => {
    agent.destroy();
    server.kill('SIGKILL');
    await once(server, 'exit');
  });

  it('stops no request, and the lines that were lost are counted once there is room', async () => {
    const requests = Math.ceil(ROOM_BYTES / LINE_BYTES);
    const statuses = new Set<number>();
    await Promise.all(
      Array.from({ length: 32 }, async (_, worker) => {
        for (let sent = worker; sent < requests; sent += 32) statuses.add(await ask(port, agent));
      }),
    );
    expect([...statuses]).toEqual([200]);

    let text = '';
    for await (const chunk of server.stdout ?? []) {
      text += chunk;
      if (text.includes('log.lines_dropped')) break;
    }
    expect(text).toMatch(/"event":"log\.lines_dropped","lines":\d+/);
  });
});

function ask(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/health/live', agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    }).once('error', reject);
  });
}
