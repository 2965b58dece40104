import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PoolClient } from '../../../src/app/database/pool-client.ts';
import { createDatabase } from '../../../src/app/database.ts';
import { testConfig } from '../../helpers/api.ts';
import { createTestDatabase } from '../../helpers/database.ts';

type Values = readonly unknown[];

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createDatabase>['pool'];
let client: PoolClient & pg.PoolClient;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ pool } = createDatabase(testConfig(database.url), { warn: () => {} }));
  // The pool makes no other kind.
  client = (await pool.connect()) as typeof client;
  await client.query(`create table shelf (id int primary key, title text, at timestamptz, tags text[], doc jsonb)`);
});
afterAll(async () => {
  client?.release();
  await pool?.end();
  await database?.drop();
});

let count = 0;
/** A statement with a name of its own, as drizzle sends it, to be used again and again. */
function prepare(text: string, more: { types?: pg.CustomTypesConfig; rowMode?: 'array' } = {}) {
  const config = { name: `named_${++count}`, text, types: pg.types, ...more };
  return (values: Values): Promise<pg.QueryResult> => client.query(config, [...values]);
}

/** The first letters of the messages that `work` sends, one text for each write. */
async function written(work: () => Promise<unknown>): Promise<string[]> {
  const write = vi.spyOn(client.connection.stream, 'write');
  try {
    await work();
    return write.mock.calls.map(([bytes]) => typesOf(bytes as Buffer));
  } finally {
    write.mockRestore();
  }
}

function typesOf(bytes: Buffer): string {
  let types = '';
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1))
    types += bytes.toString('latin1', at, at + 1);
  return types;
}

describe('a named statement', () => {
  it('is parsed and described with its first use, and each use is one write', async () => {
    const find = prepare('select title from shelf where id = $1');
    // Parse, bind, describe, execute, sync.
    expect(await written(() => find([1]))).toEqual(['PBDES']);
    expect(await written(() => find([2]))).toEqual(['BES']);
    expect(await written(() => find([3]))).toEqual(['BES']);
  });

  it('writes and reads values as the driver does', async () => {
    const at = new Date('2026-11-26T06:25:27.123Z');
    const values = [1, 'a "title"', at, ['x', 'y, z', null], { deep: [1, null] }];
    const insert = prepare('insert into shelf values ($1, $2, $3, $4, $5)');
    expect(await insert(values)).toMatchObject({ command: 'INSERT', rowCount: 1, rows: [] });
    const text = 'select * from shelf where id = $1';
    const [row] = (await prepare(text)([1])).rows;
    expect(row).toEqual({ id: 1, title: values[1], at, tags: values[3], doc: values[4] });
    expect((await prepare(text, { rowMode: 'array' })([1])).rows).toEqual([Object.values(row)]);
    const plain: pg.QueryResult = await client.query({ text, values: [1] });
    const named = await prepare(text)([1]);
    expect({ ...named }).toEqual({
      command: plain.command,
      rowCount: plain.rowCount,
      rows: plain.rows,
      fields: plain.fields.map((field) => ({ ...field })),
      oid: expect.anything(),
    });
    expect(await prepare('update shelf set title = null where id > $1')([0])).toMatchObject({ rowCount: 1 });
    expect((await prepare(text)([1])).rows[0].title).toBeNull();
    expect((await prepare(text)([9])).rows).toEqual([]);
  });

  it('that the server refuses leaves the connection good, and is described when it succeeds', async () => {
    const divide = prepare('select 1 / $1::int as part');
    await expect(divide([0])).rejects.toMatchObject({ code: '22012' });
    expect((await divide([1])).rows).toEqual([{ part: 1 }]);
    const nowhere = prepare('select * from nowhere where id = $1');
    await expect(nowhere([1])).rejects.toMatchObject({ code: '42P01' });
    expect((await divide([1])).rows).toEqual([{ part: 1 }]);
  });

  it('writes nothing where a value cannot be written, and goes on afterwards', async () => {
    const echo = prepare('select $1::text as said');
    const unwritable = {
      toPostgres: () => {
        throw new Error('unwritable');
      },
    };
    expect(await written(() => expect(echo([unwritable])).rejects.toThrow('unwritable'))).toEqual([]);
    expect((await echo(['yes'])).rows).toEqual([{ said: 'yes' }]);
  });

  it('fails where a value cannot be read, and goes on afterwards', async () => {
    const getTypeParser = () => (text: string) => {
      if (text === 'no') throw new Error('unreadable');
      return text;
    };
    // The driver's own type has one overload for each kind of column.
    const echo = prepare('select $1::text as said', { types: { getTypeParser } as unknown as pg.CustomTypesConfig });
    await expect(echo(['no'])).rejects.toThrow('unreadable');
    expect((await echo(['yes'])).rows).toEqual([{ said: 'yes' }]);
  });

  it('whose rows have changed is refused by the server, and goes on under another name', async () => {
    await client.query('create table growing (id int)');
    await client.query('insert into growing values (1)');
    const all = prepare('select * from growing where id = $1');
    expect((await all([1])).rows).toEqual([{ id: 1 }]);
    await client.query(`alter table growing add column title text default 'new'`);
    await expect(all([1])).rejects.toMatchObject({ code: '0A000' });
    expect((await all([1])).rows).toEqual([{ id: 1, title: 'new' }]);
  });
});
