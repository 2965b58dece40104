import pg from 'pg';
import { createMigrator } from 'pg-revisions';
import { beforeAll, expect, it } from 'vitest';
import { connectClient } from '../../../../../src/app/database/client.ts';
import { REVISIONS } from '../../../../../src/app/database/revisions-directory.ts';
import { startApi } from '../../../../helpers/api.ts';

const api = startApi({ JWT_AUDIENCE: 'authenticated', DATABASE_SCHEMA: 'back_api' });

/** A project made before June 2026: whatever is in `public` is open to the roles of Supabase's REST. */
const OLD_PROJECT = `
  do $$ begin create role anon nologin; exception when duplicate_object or unique_violation then null; end $$;
  do $$ begin create role authenticated nologin; exception when duplicate_object or unique_violation then null; end $$;
  grant usage on schema public to anon, authenticated;
  grant all on all tables in schema public to anon, authenticated;
  alter default privileges in schema public grant all on tables to anon, authenticated;
`;

beforeAll(async () => {
  await api.sql(OLD_PROJECT);
  const connect = () => connectClient(api.config);
  await createMigrator({ ...REVISIONS, schema: 'back_api', connect }).upgrade('head');
});

it("opens none of the accounts in a schema of their own to the roles of Supabase's REST", async () => {
  const user = await api.user();
  expect((await api.request({ url: '/auth/me', token: user.access_token })).json().id).toBe(user.id);
  expect(await api.sql('select id from back_api.users')).toEqual([{ id: user.id }]);
  const client = new pg.Client(api.url);
  await client.connect();
  for (const role of ['anon', 'authenticated']) {
    await client.query(`set role ${role}`);
    await expect(client.query('select 1 from public.users')).resolves.toMatchObject({ rows: [] });
    for (const table of ['users', 'sessions']) {
      await expect(client.query(`select 1 from back_api.${table}`)).rejects.toThrow(
        'permission denied for schema back_api',
      );
    }
    await client.query('reset role');
  }
  await client.end();
});
