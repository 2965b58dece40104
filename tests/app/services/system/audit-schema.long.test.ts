import pg from 'pg';
import { createMigrator } from 'pg-revisions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildApp } from '../../../../src/app/app.ts';
import { REVISIONS } from '../../../../src/app/database/revisions-directory.ts';
import { createDatabase, onOwnConnection } from '../../../../src/app/database.ts';
import { keepUp } from '../../../../src/app/services/system/audit-partitions.ts';
import { verify } from '../../../../src/app/services/system/audit-verifier.ts';
import { PASSWORD, testConfig } from '../../../helpers/api.ts';
import { createTestDatabase } from '../../../helpers/database.ts';

let client: pg.Client;
let drop: () => Promise<void>;
let url: string;

beforeAll(async () => {
  ({ url, drop } = await createTestDatabase());
  client = new pg.Client(url);
  await client.connect();
  await client.query('drop schema public cascade; create schema public; create schema other');
  const connect = async (): Promise<pg.Client> => {
    const own = new pg.Client(url);
    await own.connect();
    return own;
  };
  await createMigrator({ ...REVISIONS, schema: 'other', connect }).upgrade('head');
});
afterAll(async () => {
  await client.end();
  await drop();
});

it('audit events are recorded, linked, kept up and verified in another schema than public', async () => {
  const config = testConfig(url, { DATABASE_SCHEMA: 'other' });
  const app = await buildApp({ ...config, log_level: 'silent' });
  const payload = { email: 'schema@example.com', password: PASSWORD };
  const answer = await app.inject({ method: 'POST', url: '/auth/register', payload });
  expect(answer.statusCode, answer.body).toBe(201);

  const { rows } = await client.query(
    `select relname from pg_inherits join pg_class c on c.oid = inhrelid
     where inhparent = 'other.audit_events'::regclass and relname <> 'audit_events_default' order by relname desc`,
  );
  await client.query(`drop table other.${rows[0].relname}`);
  expect(await keepUp({ config, log: app.log })).toEqual({ created: [rows[0].relname], dropped: [] });
  expect(await onOwnConnection(config, (db) => verify({ db }))).toEqual({ rows: 2, problems: [] });
  await app.close();
});

it('two schemas are never open in one process at the same time; one after the other they may be', async () => {
  const [one, other] = [testConfig(url), testConfig(url, { DATABASE_SCHEMA: 'other' })];
  const log = { warn: () => {} };
  const first = createDatabase(one, log);
  expect(() => createDatabase(other, log)).toThrow('The tables of this process stand in the schema public');
  await expect(onOwnConnection(other, async () => {})).rejects.toThrow('DATABASE_SCHEMA=other');
  const beside = createDatabase(one, log);
  await first.pool.end();
  expect(() => createDatabase(other, log)).toThrow('The tables of this process stand in the schema public');
  await beside.pool.end();
  expect(await onOwnConnection(other, (db) => verify({ db }))).toEqual({ rows: 2, problems: [] });
});
