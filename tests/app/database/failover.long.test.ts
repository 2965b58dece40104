import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../packages/devdb/src/postgres.ts';
import { freePort, startThrowAwayPostgres } from '../../../packages/devdb/src/throw-away.ts';
import { connectClient } from '../../../src/app/database/client.ts';
import { createDatabase } from '../../../src/app/database.ts';
import { testConfig } from '../../helpers/api.ts';

let writable: EmbeddedPostgres;
let readable: EmbeddedPostgres;
let closed: number;

beforeAll(async () => {
  // The server may be another user's.
  const settings = { unix_socket_directories: '/tmp' };
  [writable, readable] = await Promise.all([
    startThrowAwayPostgres({ settings }),
    startThrowAwayPostgres({ settings: { default_transaction_read_only: 'on' } }),
  ]);
  closed = await freePort();
});

afterAll(async () => {
  await Promise.all([writable?.stop(), readable?.stop()]);
});

/** The port that a command's client and a pool's connection reach, or the sentence of the refusal. */
async function reached(url: string): Promise<string[]> {
  const config = testConfig(url, { POOL_TIMEOUT_SECONDS: '2' });
  const ask = 'select inet_server_port() as port';
  const command = async (): Promise<unknown> => {
    const client = await connectClient(config);
    return client.query(ask).finally(() => client.end());
  };
  const { pool } = createDatabase(config, { warn: () => {} });
  const answers = await Promise.allSettled([command(), pool.query(ask), pool.query(ask)]);
  await pool.end();
  return answers.map((answer) =>
    answer.status === 'rejected'
      ? answer.reason.message
      : String((answer.value as { rows: { port: number }[] }).rows[0]?.port),
  );
}

const all = (answer: unknown): unknown[] => [answer, answer, answer];
const login = 'postgresql://postgres:root@';

describe('a connection string with several servers', () => {
  it('leads to the first one that is there', async () => {
    const url = `${login}127.0.0.1:${closed},127.0.0.1:${writable.port}/postgres`;
    expect(await reached(url)).toEqual(all(String(writable.port)));
  });

  it.each([
    ['any', 'readable'],
    ['read-write', 'writable'],
    ['read-only', 'readable'],
    ['primary', 'readable'],
  ] as const)('with target_session_attrs=%s leads to the %s one', async (attrs, which) => {
    const url = `${login}127.0.0.1:${readable.port},127.0.0.1:${writable.port}/postgres?target_session_attrs=${attrs}`;
    expect(await reached(url)).toEqual(all(String((which === 'readable' ? readable : writable).port)));
  });

  it('with target_session_attrs=prefer-standby takes a primary if there is no standby', async () => {
    const url = `${login}127.0.0.1:${readable.port},127.0.0.1:${writable.port}/postgres?target_session_attrs=prefer-standby`;
    for (const port of await reached(url)) expect([readable.port, writable.port].map(String)).toContain(port);
  });

  it('with a demand that none fulfils is an error that says so', async () => {
    const url = `${login}127.0.0.1:${readable.port},127.0.0.1:${writable.port}/postgres?target_session_attrs=standby`;
    expect(await reached(url)).toEqual(all(expect.stringContaining('is not standby, which DATABASE_URL asks for')));
  });

  it('tries no other server after one that refuses the password', async () => {
    const url = `postgresql://postgres:wrong@127.0.0.1:${readable.port},127.0.0.1:${closed}/postgres`;
    expect((await reached(url))[0]).toContain('password authentication failed');
  });

  it('goes to the next one when the server is lost', async () => {
    const [first, second] = await Promise.all([startThrowAwayPostgres(), startThrowAwayPostgres()]);
    const config = testConfig(`${login}127.0.0.1:${first.port},127.0.0.1:${second.port}/postgres`);
    const { pool } = createDatabase(config, { warn: () => {} });
    const port = async (): Promise<unknown> => {
      const { rows }: pg.QueryResult = await pool.query('select inet_server_port() as port');
      return rows[0].port;
    };
    expect(await port()).toBe(first.port);
    await first.stop('immediate');
    expect(await port()).toBe(second.port);
    await pool.end();
    await second.stop();
  });
});

describe('a socket', () => {
  it.each([
    (port: number) => `${login}/postgres?host=/tmp&port=${port}`,
    (port: number) => `postgresql://postgres:root@%2Ftmp:${port}/postgres?sslmode=require`,
    (port: number) => `host=/tmp port=${port} user=postgres password=root dbname=postgres`,
  ])('is reached', async (url) => {
    // A session by a socket has no port.
    expect(await reached(url(writable.port))).toEqual(all('null'));
  });
});
