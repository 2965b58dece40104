import { connect } from 'node:net';
import pg from 'pg';

/** What answers at an address: our credentials are let in, or why not. */
export type Listener = 'ready' | 'nothing' | 'not_postgres' | 'wrong_credentials' | 'no_database' | 'starting';

const DEADLINE_MS = 3000;

/** Asks whoever listens at a PostgreSQL URL. Changes nothing. */
export async function probe(url: string): Promise<Listener> {
  const { hostname, port } = new URL(url);
  if (!(await isListening(hostname, Number(port || 5432)))) return 'nothing';
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: DEADLINE_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    return 'ready';
  } catch (error) {
    return meaning(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** True where something accepts TCP connections. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: DEADLINE_MS });
    const answer = (listening: boolean) => () => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}

function meaning(error: unknown): Listener {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === '28P01' || code === '28000') return 'wrong_credentials';
  if (code === '3D000') return 'no_database';
  if (code === '57P03') return 'starting';
  return 'not_postgres';
}
