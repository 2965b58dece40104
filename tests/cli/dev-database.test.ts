import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { probe } from 'pg-devdb/probe';
import { freePort } from 'pg-devdb/throw-away';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { ensureLocalDatabase } from '../../src/cli/dev/database.ts';

let root: string;
let steps: string[];
const onProgress = (step: string): void => void steps.push(step);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dev-database-'));
  steps = [];
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** The run's server, with another database, user or password in its URL. */
function serverUrl(parts: Partial<Pick<URL, 'pathname' | 'username' | 'password' | 'port'>>): string {
  return Object.assign(new URL(inject('postgres_url')), parts).href;
}

async function sql(text: string): Promise<void> {
  const client = new pg.Client(inject('postgres_url'));
  await client.connect();
  await client.query(text).finally(() => client.end());
}

describe('ensureLocalDatabase', () => {
  it('takes the server that answers, and starts none', async () => {
    const url = serverUrl({});
    const { description, stop } = await ensureLocalDatabase({ root, url, onProgress });
    expect(description).toBe(`the PostgreSQL that already runs on ${new URL(url).host}`);
    await stop();
    expect(await probe(url)).toBe('ready');
    expect(existsSync(join(root, '.data'))).toBe(false);
  });

  it('creates the database that is missing on it, and says so', async () => {
    const name = `dev_${randomBytes(4).toString('hex')}`;
    const url = serverUrl({ pathname: `/${name}` });
    await ensureLocalDatabase({ root, url, onProgress });
    expect(steps).toEqual([`Creating database ${name} on the PostgreSQL that already runs`]);
    expect(await probe(url)).toBe('ready');
    await sql(`drop database ${name}`);
  });

  it('says that the database is missing where the user may not create it', async () => {
    const user = `dev_${randomBytes(4).toString('hex')}`;
    await sql(`create role ${user} login password 'x'`);
    const url = serverUrl({ username: user, password: 'x', pathname: '/absent' });
    await expect(ensureLocalDatabase({ root, url, onProgress })).rejects.toThrow(
      `has no database absent, and ${user} may not create it; create it, or set DATABASE_URL`,
    );
    await sql(`drop role ${user}`);
  });

  it('says that a foreign PostgreSQL refuses the credentials', async () => {
    const url = serverUrl({ password: 'another' });
    await expect(ensureLocalDatabase({ root, url, onProgress })).rejects.toThrow(
      `Another PostgreSQL on ${new URL(url).host} refuses postgres:another; stop it, or set DATABASE_URL to what it accepts`,
    );
  });

  it('says that the port is taken by something else', async () => {
    const thief = createServer((socket) => socket.on('error', () => {}).end('220 hello\r\n'));
    const port = await freePort();
    thief.listen(port, '127.0.0.1');
    await once(thief, 'listening');
    const url = serverUrl({ port: String(port) });
    await expect(ensureLocalDatabase({ root, url, onProgress })).rejects.toThrow(
      `Port ${port} is taken by something that is not PostgreSQL; stop it, or set DATABASE_URL`,
    );
    thief.close();
    expect(existsSync(join(root, '.data'))).toBe(false);
  });

  it('starts a server of its own where nothing answers, and waits for the last one when that still stops', async () => {
    const url = `postgresql://postgres:root@localhost:${await freePort()}/py-db`;
    const first = await ensureLocalDatabase({ root, url, onProgress });
    expect(first.description).toBe('embedded PostgreSQL 17, data in .data/');
    expect(steps).toEqual(['Creating the database (once)', 'Starting PostgreSQL']);
    expect(await probe(url)).toBe('ready');
    const stopped = first.stop();
    const second = await ensureLocalDatabase({ root, url, onProgress });
    await stopped;
    await first.ended;
    expect(second.description).toBe('embedded PostgreSQL 17, data in .data/');
    expect(await probe(url)).toBe('ready');
    await second.stop();
    expect(await probe(url)).toBe('nothing');
  });

  it('refuses the database of another clone that is still there, and takes that of one that is gone', async () => {
    const name = `dev_${randomBytes(4).toString('hex')}`;
    const url = serverUrl({ pathname: `/${name}` });
    const other = mkdtempSync(join(tmpdir(), 'dev-other-'));
    writeFileSync(join(other, 'package.json'), '{}');
    await ensureLocalDatabase({ root: other, url, onProgress });
    await ensureLocalDatabase({ root: other, url, onProgress });
    await expect(ensureLocalDatabase({ root, url, onProgress })).rejects.toThrow(
      `The database ${name} on ${new URL(url).host} is the one of the clone in ${realpathSync(other)}: end "npm run dev" there`,
    );
    rmSync(other, { recursive: true });
    await ensureLocalDatabase({ root, url, onProgress });
    await sql(`comment on database ${name} is 'a comment of mine'`);
    await ensureLocalDatabase({ root, url, onProgress });
    await sql(`drop database ${name}`);
  });
});
