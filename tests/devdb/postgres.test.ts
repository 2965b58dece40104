import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from 'pg-devdb';
import { isListening, probe } from 'pg-devdb/probe';
import { freePort } from 'pg-devdb/throw-away';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
let options: PostgresOptions;
let server: EmbeddedPostgres | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'devdb-'));
  options = {
    dataDirectory: join(folder, 'data'),
    port: await freePort(),
    user: 'postgres',
    password: 'it is a p@ss/word',
    database: 'py-db',
  };
  server = await startPostgres(options);
  await sql('create table kept (n int)');
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sql(text: string, url = server?.url): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  it('makes the cluster and the database on the first start, behind a password and on this machine alone', async () => {
    expect(await sql('select current_database()')).toEqual(['py-db']);
    expect(await sql(`select setting from pg_settings where name = 'server_version'`)).toEqual([
      expect.stringMatching(/^17\./),
    ]);
    expect(await probe(server?.url ?? '')).toBe('ready');
    expect(await probe((server?.url ?? '').replace(/:[^:@]*@/, ':wrong@'))).toBe('wrong_credentials');
    expect(await sql('select distinct auth_method from pg_hba_file_rules')).toEqual(['scram-sha-256']);
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    for (const { address, internal, scopeid } of others) {
      if (!internal && !scopeid) expect(await isListening(address, options.port)).toBe(false);
    }
    expect(readdirSync(folder).sort()).toEqual(['data', 'postgres.log']);
  });

  it('keeps the data when it is stopped and started', async () => {
    server = await startPostgres(options);
    await sql('insert into kept values (1)');
    await server.stop();
    await server.ended;
    expect(await isListening('localhost', options.port)).toBe(false);
    server = await startPostgres(options);
    expect(await sql('select n from kept')).toEqual([1]);
  });

  it('keeps what was committed when it crashes, and starts again at once', async () => {
    server = await startPostgres(options);
    await sql('insert into kept values (2)');
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    server = await startPostgres(options);
    expect(await sql('select n from kept order by n')).toEqual([1, 2]);
  });

  it('passes settings on', async () => {
    server = await startPostgres({ ...options, settings: { max_connections: 7 } });
    expect(await sql('show max_connections')).toEqual(['7']);
  });

  it('ends a server that is frozen', async () => {
    server = await startPostgres(options);
    process.kill(server.pid, 'SIGSTOP');
    await server.stop('immediate');
    expect(await isListening('localhost', options.port)).toBe(false);
  });

  it('says what is wrong when the cluster has another password', async () => {
    await expect(startPostgres({ ...options, password: 'another' })).rejects.toThrow(
      /was made with another password for postgres/,
    );
    expect(await isListening('localhost', options.port)).toBe(false);
  });

  it('says what is wrong when the port is taken', async () => {
    const thief = createServer((socket) => socket.destroy()).listen(options.port);
    await once(thief, 'listening');
    await expect(startPostgres(options)).rejects.toThrow(`Port ${options.port} is taken`);
    await new Promise((resolve) => thief.close(resolve));
  });

  it('refuses a folder that is something else, and a cluster of another version, and touches neither', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'letter.txt'), 'dear');
    await expect(startPostgres({ ...options, dataDirectory: other })).rejects.toThrow(/not a database/);
    writeFileSync(join(other, 'PG_VERSION'), '16\n');
    await expect(startPostgres({ ...options, dataDirectory: other })).rejects.toThrow(/PostgreSQL 16, this is 17/);
    expect(readdirSync(other).sort()).toEqual(['PG_VERSION', 'letter.txt']);
    rmSync(other, { recursive: true });
  });
});
