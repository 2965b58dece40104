import type pg from 'pg';
import { MigrationError } from './errors.ts';
import { type Revision, readSql } from './revisions.ts';
import { ensureVersionTable, moveVersions, readVersions } from './versions.ts';

export type Direction = 'upgrade' | 'downgrade';

/** One revision applied or reverted, with the time that it took. */
export interface Step {
  direction: Direction;
  revision: Revision;
  duration_ms: number;
}

/** Same number everywhere: whoever migrates any database of this server waits for whoever began before. */
const LOCK_KEY = 7_204_611_938;
/** A change that waits longer than this for a table makes the application's queries queue up behind it. */
const LOCK_TIMEOUT = '5s';

/**
 * Runs one revision in one transaction that first takes a transaction-level advisory lock, which holds through a
 * transaction pooler too. `undefined` where somebody else has done it meanwhile; nothing is left behind by a failure.
 */
export async function runRevision(
  client: pg.Client,
  { revision, direction, schema }: { revision: Revision; direction: Direction; schema: string },
): Promise<Step | undefined> {
  const started = performance.now();
  const sql = readSql(revision, direction);
  return inTransaction(client, async () => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await ensureVersionTable(client, schema);
    const versions = await readVersions(client, schema);
    if (!isDue(versions, revision, direction)) return undefined;
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'; set local statement_timeout = 0`);
    if (schema !== 'public') await client.query(`set local search_path to "${schema}", public`);
    await execute(client, { sql, revision, direction });
    const ids = { up: [revision.id], down: revision.down_revisions };
    await moveVersions(
      client,
      schema,
      direction === 'upgrade' ? { from: ids.down, to: ids.up } : { from: ids.up, to: ids.down },
    );
    return { direction, revision, duration_ms: performance.now() - started };
  });
}

/** Runs `work` under the migration lock in one transaction. */
export async function underLock<T>(client: pg.Client, schema: string, work: () => Promise<T>): Promise<T> {
  return inTransaction(client, async () => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await ensureVersionTable(client, schema);
    return work();
  });
}

async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // The connection may be what failed; the server rolls back by itself then.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

function isDue(versions: readonly string[], { id, down_revisions }: Revision, direction: Direction): boolean {
  if (direction === 'downgrade') return versions.includes(id);
  return !versions.includes(id) && down_revisions.every((down) => versions.includes(down));
}

async function execute(
  client: pg.Client,
  { sql, revision, direction }: { sql: string; revision: Revision; direction: Direction },
): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const position = 'position' in error ? Number(error.position) : 0;
    const where = position > 0 ? `, line ${sql.slice(0, position).split('\n').length}` : '';
    throw new MigrationError(
      `${revision.path}/${direction}.sql${where}: ${error.message}. Nothing of this revision was kept`,
      { cause: error },
    );
  }
}
