import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Answers npm with what is installed here, so that an installation needs no network. */
export interface LocalRegistry {
  url: string;
  close: () => Promise<void>;
}

interface Installed {
  folder: string;
  manifest: { name: string; version: string };
}

/** Serves each version of the lockfile that is in `node_modules`; what is not there does not exist. */
export async function startLocalRegistry(): Promise<LocalRegistry> {
  const packages = installedPackages();
  const server = createServer((request, response) => {
    const [name = '', version] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/');
    const versions = packages.get(name) ?? [];
    if (version === undefined) return sendVersions(response, { name, versions, host: request.headers.host ?? '' });
    const found = versions.find(({ manifest }) => manifest.version === version);
    if (found === undefined) return void response.writeHead(404).end();
    sendTarball(response, found.folder);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a path.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function installedPackages(): Map<string, Installed[]> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const installed = Object.keys(packages)
    .filter((path) => path.startsWith('node_modules/') && packages[path].link !== true)
    .flatMap((path): Installed[] => {
      const folder = join(ROOT, path);
      try {
        return [{ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }];
      } catch {
        // An optional package of another machine.
        return [];
      }
    });
  return Map.groupBy(installed, ({ manifest }) => manifest.name);
}

function sendVersions(
  response: ServerResponse,
  { name, versions, host }: { name: string; versions: readonly Installed[]; host: string },
): void {
  if (versions.length === 0) return void response.writeHead(404).end();
  const all = versions.map(({ manifest }) => {
    const tarball = `http://${host}/${encodeURIComponent(name)}/-/${manifest.version}`;
    return [manifest.version, { ...manifest, dist: { tarball } }] as const;
  });
  const latest = all.at(-1)?.[0];
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ name, 'dist-tags': { latest }, versions: Object.fromEntries(all) }));
}

function sendTarball(response: ServerResponse, folder: string): void {
  // Not compressed: npm unpacks it all the same, and to compress it takes longer than all of the rest.
  const args = ['-c', '--exclude=./node_modules', '--transform=s,^\\.,package,', '-C', folder, '.'];
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  tar.stdout.pipe(response);
}
