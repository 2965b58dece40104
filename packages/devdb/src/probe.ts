import { connect } from 'node:net';
import pg from 'pg';

/** What answers at an address: our credentials are let in, or why not. */
export type Listener =
  | 'ready'
  | 'nothing'
  | 'not_postgres'
  | 'wrong_credentials'
  | 'no_database'
  /** It is a PostgreSQL on its way up or down. */
  | 'starting'
  /** It is a PostgreSQL, and takes no connections for another reason. */
  | 'refuses';

const DEADLINE_MS = 3000;
/** Asks for TLS, to which every PostgreSQL answers with one letter, and nothing else does. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const SSL_ANSWERS = new Set(['S', 'N']);

/** Asks the listener at a PostgreSQL URL. Changes nothing. */
export async function probe(url: string): Promise<Listener> {
  const { hostname, port } = new URL(url);
  const answer = await firstAnswer(hostname, Number(port || 5432));
  if (answer === 'nothing') return answer;
  // Only then the driver, which trusts what it is told.
  return SSL_ANSWERS.has(answer) ? login(url) : 'not_postgres';
}

/** The first letter of the answer, empty if there is none within the deadline. */
function firstAnswer(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => settle(socket.pending ? 'nothing' : ''), DEADLINE_MS);
    let connected = false;
    socket.once('connect', () => {
      connected = true;
      socket.write(SSL_REQUEST);
    });
    socket.once('data', (data) => settle(data.toString('latin1', 0, 1)));
    socket.once('end', () => settle(''));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      settle(connected || code === 'ECONNRESET' ? '' : 'nothing'),
    );
  });
}

async function login(url: string): Promise<Listener> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: DEADLINE_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return 'ready';
  } catch (error) {
    return meaning(error);
  }
}

/** True if a listener accepts TCP connections. */
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
  if (code === 'ECONNREFUSED') return 'nothing';
  if (code === '28P01' || code === '28000') return 'wrong_credentials';
  if (code === '3D000') return 'no_database';
  if (code === '57P03') return 'starting';
  return error instanceof pg.DatabaseError ? 'refuses' : 'not_postgres';
}
