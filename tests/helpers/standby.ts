import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually, type OwnPostgres, startIn } from './own-postgres.ts';

/** A second server that follows a first one by streaming. */
export interface Standby extends OwnPostgres {
  /** Makes it a primary. */
  promote: () => Promise<void>;
}

/** Copies a running server by pg_basebackup and starts the copy as its standby; gives it when it streams. */
export async function startStandby(primary: OwnPostgres, binaries: string): Promise<Standby> {
  const folder = mkdtempSync(join(tmpdir(), 'back-standby-'));
  const target = ['--pgdata', join(folder, 'data'), '--dbname', primary.url];
  const ways = ['--write-recovery-conf', '--wal-method=stream', '--checkpoint=fast', '--no-sync'];
  await promisify(execFile)(join(binaries, 'pg_basebackup'), [...target, ...ways]);
  const standby = await startIn(folder, {}, binaries);
  await eventually('the standby streams', async () => {
    const [row] = await primary.sql<{ state: string }>('select state from pg_stat_replication');
    return row?.state === 'streaming';
  });
  return {
    ...standby,
    promote: async () => {
      await standby.sql('select pg_promote()');
    },
  };
}
