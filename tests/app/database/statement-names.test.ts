import { eq, sql } from 'drizzle-orm';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/app/database/pool.ts';
import { createStatementNames } from '../../../src/app/database/statement-names.ts';
import { createDatabase, type Database, inTransaction } from '../../../src/app/database.ts';
import { testConfig } from '../../helpers/api.ts';
import { createTestDatabase } from '../../helpers/database.ts';

describe('createStatementNames', () => {
  it('names a statement from its fifth use on, and each text differently', () => {
    const nameOf = createStatementNames();
    const names = Array.from({ length: 6 }, () => nameOf('select $1'));
    for (let use = 0; use < 4; use++) nameOf('select $2');
    expect(names.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(names[4]).toMatch(/^s_[\w-]{22}$/);
    expect(names[5]).toBe(names[4]);
    expect(nameOf('select $2')).not.toBe(names[4]);
  });

  it('forgets the statement that was not used for the longest time', () => {
    const nameOf = createStatementNames();
    for (let use = 0; use < 5; use++) nameOf('old');
    for (let use = 0; use < 5; use++) nameOf('kept');
    for (let other = 0; other < 98; other++) nameOf(`other ${other}`);
    expect(nameOf('kept')).toBeDefined();
    nameOf('one more');
    expect(nameOf('old')).toBeUndefined();
  });
});

describe('a pool', () => {
  const notes = pgTable('notes', { body: text().notNull() });
  let drop: () => Promise<void>;
  let url: string;
  let db: Database;
  let pool: Pool;

  const find = (on: Database) => on.select().from(notes).where(eq(notes.body, 'x'));
  const open = (environment: Record<string, string>) =>
    createDatabase(testConfig(url, { POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0', ...environment }), { warn: () => {} });
  const prepared = async (on: Database) => {
    const { rows } = await on.execute<{ count: number }>(
      sql`select count(*)::int as count from pg_prepared_statements`,
    );
    return rows[0]?.count;
  };

  beforeAll(async () => {
    ({ url, drop } = await createTestDatabase());
    ({ db, pool } = open({}));
    await db.execute(sql`create table notes (body text not null)`);
    await db.execute(sql`insert into notes values ('x')`);
  });

  afterAll(async () => {
    await pool.end();
    await drop();
  });

  it('has the server keep the plan of what is asked often', async () => {
    for (let use = 0; use < 4; use++) await find(db);
    expect(await prepared(db)).toBe(0);
    await find(db);
    expect(await prepared(db)).toBe(1);
  });

  it('makes a new plan when a migration changed the columns, inside a transaction too', async () => {
    for (let use = 0; use < 5; use++) await find(db);
    await db.execute(sql`alter table notes alter column body type varchar(20)`);
    expect(await find(db)).toEqual([{ body: 'x' }]);
    await db.execute(sql`alter table notes alter column body type text`);
    expect(await inTransaction({ db }, ({ db }) => find(db))).toEqual([{ body: 'x' }]);
  });

  it('names nothing behind a transaction pooler', async () => {
    const through = open({ DATABASE_POOLER: 'transaction' });
    for (let use = 0; use < 8; use++) await find(through.db);
    expect(await prepared(through.db)).toBe(0);
    await through.pool.end();
  });
});
