import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { databaseIn, examine, seenIn } from './examine.ts';
import { observed } from './observation.ts';

const troubles = (...differences: Parameters<typeof observed>) =>
  diagnose(observed(...differences))
    .groups.flatMap(({ findings }) => findings)
    .filter(({ check }) => check === 'admins');
const two = { admins: { seen: { admins: 3, bare: 2, bare_names: ['ada@example.com', 'bob@example.com'] } } };

describe('the administrators', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('are seen with their factors and passkeys; the disabled, the closed and other users do not count', async () => {
    const client = new pg.Client(database.url);
    await client.connect();
    await client.query(`
      insert into users (id, email, role, is_active, has_factor, removing) values
        (gen_random_uuid(), 'app@example.com', 'admin', true, true, null),
        (gen_random_uuid(), 'key@example.com', 'admin', true, false, null),
        (gen_random_uuid(), 'bare@example.com', 'admin', true, false, null),
        (gen_random_uuid(), 'disabled@example.com', 'admin', false, false, null),
        (gen_random_uuid(), 'closed@example.com', 'admin', true, false, 'account'),
        (gen_random_uuid(), 'user@example.com', 'user', true, false, null)`);
    await client.query(`
      insert into passkeys (id, user_id, credential_id, public_key, name, transports, counter, is_synced, backed_up)
      select gen_random_uuid(), id, 'x', '', 'Key', '{}', 0, true, true from users where email = 'key@example.com'`);
    await client.end();
    expect(seenIn(databaseIn(await examine(database.url)).admins)).toEqual({
      admins: 3,
      bare: 1,
      bare_names: ['bare@example.com'],
    });
  });

  it('are named in production if a password alone lets them in', () => {
    expect(troubles({ database: two })).toMatchObject([
      {
        level: 'warn',
        message: '2 administrators with a password alone: ada@example.com, bob@example.com',
      },
    ]);
    expect(troubles({ database: two, environment: { ENVIRONMENT: 'development' } })).toEqual([]);
  });

  it('are well if each has one, or must set one up', () => {
    expect(troubles({ database: two, environment: { MFA_REQUIRED_FOR: 'admins' } })).toMatchObject([{ level: 'ok' }]);
    const none = { admins: { seen: { admins: 1, bare: 0, bare_names: [] } } };
    expect(troubles({ database: none })).toMatchObject([{ level: 'ok' }]);
  });
});
