import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { haproxyProgram, startHaproxy } from '../helpers/haproxy.ts';

const PER_SOURCE = 512;
const OPENED = PER_SOURCE + 100;

const textOf = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

describe('docs/guides/deploy.md', () => {
  it('gives nginx and the ingress of Kubernetes the bound of deploy/haproxy.cfg for one source', () => {
    const guide = textOf('docs/guides/deploy.md');
    expect(textOf('deploy/haproxy.cfg')).toMatch(new RegExp(`\\b${PER_SOURCE}\\b`));
    expect(guide).toContain(`nginx.ingress.kubernetes.io/limit-connections: "${PER_SOURCE}"`);
    expect(guide).toContain(`limit_conn sources ${PER_SOURCE}`);
    expect(guide).toMatch(/limit_conn_zone \$binary_remote_addr zone=(\w+):10m` and `limit_conn \1 /);
    expect(guide).toContain('client_header_timeout 10s');
  });
});

describe.skipIf(haproxyProgram === undefined)('deploy/haproxy.cfg (skipped without haproxy)', () => {
  let replica: Server;
  let proxy: Awaited<ReturnType<typeof startHaproxy>>;
  const silent: Socket[] = [];

  beforeAll(async () => {
    replica = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(replica, 'listening');
    // A TCP server's address is never a path.
    proxy = await startHaproxy([(replica.address() as AddressInfo).port]);
    const deadline = Date.now() + 5000;
    while ((await statusFrom('127.0.0.1')) !== 200) if (Date.now() > deadline) throw new Error('no replica is ready');
  });
  afterAll(async () => {
    for (const socket of silent) socket.destroy();
    await proxy?.stop();
    replica?.close();
  });

  function statusFrom(localAddress: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      request(`${proxy.url}/health`, { localAddress, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
  }

  it('leaves one source an eighth of the connections, and others are served meanwhile', async () => {
    const port = Number(new URL(proxy.url).port);
    let refused = 0;
    for (let n = 0; n < OPENED; n++) {
      const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
      socket.on('error', () => {}).once('close', () => refused++);
      silent.push(socket);
    }
    await sleep(2000);
    expect(refused).toBe(OPENED - PER_SOURCE);
    await expect(statusFrom('127.0.0.2')).rejects.toThrow();
    const began = performance.now();
    expect(await statusFrom('127.0.0.1')).toBe(200);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
