import { mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from './postgres.ts';

/** A server for tests and benchmarks: a free port, a temporary folder, nothing flushed to disk, nothing left afterwards. */
export async function startThrowAwayPostgres(
  options: Partial<Pick<PostgresOptions, 'settings' | 'onProgress' | 'binaries'>> = {},
): Promise<EmbeddedPostgres> {
  const unsafe = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 200 };
  return startPostgres({
    dataDirectory: join(mkdtempSync(join(tmpdir(), 'back-api-postgres-')), 'data'),
    host: '127.0.0.1',
    port: await freePort(),
    user: 'postgres',
    password: 'root',
    database: 'postgres',
    throwAway: true,
    ...options,
    settings: { ...unsafe, ...options.settings },
  });
}

/** A TCP port of 127.0.0.1 that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      // A TCP server's address is never a path.
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
