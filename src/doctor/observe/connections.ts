import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DatabaseConfig } from '../../app/config.ts';
import { connectClient } from '../../app/database/client.ts';

/** What our connections are called in `pg_stat_activity`, so that they are not counted as the application's. */
export const APPLICATION_NAME = 'back-api doctor';

const CLOSE_WITHIN_MS = 200;

/** Opens connections and remembers them, so that all are closed at the end whatever became of the looks. */
export interface Connections {
  open: (overrides?: pg.ClientConfig, config?: DatabaseConfig) => Promise<pg.Client>;
  /** Closes every connection, in the middle of a statement too. */
  closeAll: () => Promise<void>;
}

/** Connections to the configured database that come about soon or not at all. */
export function createConnections(configured: DatabaseConfig, withinMs: number): Connections {
  const opened: pg.Client[] = [];
  let closed = false;
  const open: Connections['open'] = async (overrides = {}, config = configured) => {
    const client = await connectClient(config, {
      application_name: APPLICATION_NAME,
      connectionTimeoutMillis: withinMs,
      ...overrides,
    });
    // A lost connection shows in the query that it breaks; without a listener it would end the process.
    client.on('error', () => {});
    opened.push(client);
    if (closed) await close(client);
    return client;
  };
  return {
    open,
    closeAll: async () => {
      closed = true;
      await Promise.all(opened.map(close));
    },
  };
}

async function close(client: pg.Client): Promise<void> {
  await Promise.race([client.end().catch(() => {}), sleep(CLOSE_WITHIN_MS)]);
  // A server that does not answer does not hang up either.
  client.connection.stream.destroy();
}

/** The last row of a text of one or more statements. */
export async function lastRow<Row extends pg.QueryResultRow>(client: pg.Client, text: string): Promise<Row> {
  // The driver's type leaves out that several statements give several results.
  const results = [await client.query(text)].flat() as pg.QueryResult<Row>[];
  const row = results.findLast(({ rows }) => rows.length > 0)?.rows.at(-1);
  if (row === undefined) throw new Error('the server gave no row');
  return row;
}
