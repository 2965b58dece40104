import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startApi } from '../../../helpers/api.ts';
import { back } from '../../../helpers/back.ts';

const api = startApi();
const folder = mkdtempSync(join(tmpdir(), 'audit-writes-'));
const env = {
  get DATABASE_URL() {
    return api.url;
  },
};

/** What is no event by design: a refresh, a note of the last use, a stronger hash of the same password, the end of an expired session. */
const TRIGGERS = `
  create function note_event() returns trigger language plpgsql as $$
    begin perform set_config('test.recorded', txid_current()::text, true); return null; end $$;
  create trigger note_event after insert on audit_events for each statement execute function note_event();
  create function require_event() returns trigger language plpgsql as $$
    begin
      if current_setting('test.recorded', true) is distinct from txid_current()::text then
        raise exception 'a % of % is not recorded', tg_op, tg_table_name;
      end if;
      return null;
    end $$;
  create constraint trigger require_event_insert after insert on users deferrable initially deferred
    for each row execute function require_event();
  create constraint trigger require_event_delete after delete on users deferrable initially deferred
    for each row execute function require_event();
  create constraint trigger require_event_update after update on users deferrable initially deferred
    for each row when (to_jsonb(old) - '{updated_at,password_hash}'::text[] <> to_jsonb(new) - '{updated_at,password_hash}'::text[])
    execute function require_event();
  create constraint trigger require_event_insert after insert on sessions deferrable initially deferred
    for each row execute function require_event();
  create constraint trigger require_event_delete after delete on sessions deferrable initially deferred
    for each row when (old.expires_at > now()) execute function require_event();
  create constraint trigger require_event_update after update on sessions deferrable initially deferred
    for each row when (to_jsonb(old) - '{counter,refreshed_at,last_used_at}'::text[] <> to_jsonb(new) - '{counter,refreshed_at,last_used_at}'::text[])
    execute function require_event()`;

beforeAll(() => api.sql(TRIGGERS));

const events = async (name: string): Promise<object[]> =>
  api.sql('select subject_id, details from audit_events where event = $1 order by id', [name]);

describe('every statement that writes users or sessions is recorded in its transaction', () => {
  it.each([
    `insert into users (id, email, password_hash) values (gen_random_uuid(), 'unrecorded@example.com', '')`,
    `update users set role = 'admin'`,
    'delete from users',
    'delete from sessions',
    `update sessions set expires_at = now()`,
  ])('the test itself would see: %s', async (statement) => {
    await api.user();
    await expect(api.sql(statement)).rejects.toThrow('is not recorded');
  });

  it('in the life of an account', async () => {
    const user = await api.user();
    const call = async (
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
      url: string,
      payload?: object,
      token = user.access_token,
    ) => api.request({ method, url, token, ...(payload && { payload }) });
    const login = async (password: string) =>
      (await call('POST', '/auth/login', { email: user.email, password })).json();
    const other = await login(PASSWORD);
    const new_password = `${PASSWORD}, changed`;
    const answers = [
      await call('POST', '/auth/refresh', { refresh_token: other.refresh_token }),
      await call('PATCH', '/auth/me', { name: 'Ada' }),
      await call('POST', '/auth/me/password', { current_password: PASSWORD, new_password }),
      await call('POST', '/auth/logout', undefined, (await login(new_password)).access_token),
      await call('DELETE', '/auth/me', { password: new_password }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 204, 204, 204]);
  });

  it('in what administrators and the operator do', async () => {
    const created = await back(['create-admin', 'root@example.com'], { env, input: `${PASSWORD}\n` });
    expect(created.code).toBe(0);
    const payload = { email: 'root@example.com', password: PASSWORD };
    const token = (await api.request({ method: 'POST', url: '/auth/login', payload })).json().access_token;
    const user = await api.user();
    expect((await back(['create-admin', user.email], { env })).code).toBe(0);
    const statuses: number[] = [];
    const call = async (method: 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object): Promise<void> => {
      statuses.push((await api.request({ method, url, token, ...(payload && { payload }) })).statusCode);
    };
    await call('POST', '/users', { email: 'made@example.com', password: PASSWORD });
    await call('PATCH', `/users/${user.id}`, { role: 'user', name: 'Eve' });
    await call('DELETE', `/users/${user.id}/sessions`);
    await call('PATCH', `/users/${user.id}`, { is_active: false });
    await call('PATCH', `/users/${user.id}`, { is_active: true });
    await call('DELETE', `/users/${user.id}`);
    expect(statuses).toEqual([201, 200, 204, 200, 200, 204]);
    const reset = await back(['users', 'reset-password', 'made@example.com', '--password-stdin'], {
      env,
      input: `${PASSWORD}, reset\n`,
    });
    expect(reset.code).toBe(0);
  });
});

describe('what the operator does with many users at once', () => {
  it('an import tells of each batch and of each administrator', async () => {
    const path = join(folder, 'users.csv');
    writeFileSync(path, 'email,role\nmany-1@example.com,user\nmany-2@example.com,admin\nmany-1@example.com,user\n');
    const imported = await back(['users', 'import', path], { env });
    expect([imported.code, imported.stdout]).toEqual([0, expect.stringMatching(/^2 imported/)]);
    const [admin] = await api.sql<{ id: string }>(`select id from users where email = 'many-2@example.com'`);
    expect(await events('users.imported')).toEqual([{ subject_id: null, details: { count: 2, admins: 1 } }]);
    expect(await events('user.created')).toContainEqual({ subject_id: admin?.id, details: { role: 'admin' } });
    await back(['users', 'import', path], { env });
    expect(await events('users.imported')).toHaveLength(1);
  });

  it('an export with hashes is recorded, one without is not', async () => {
    expect((await back(['users', 'export'], { env })).code).toBe(0);
    expect(await events('users.exported')).toEqual([]);
    const { stdout } = await back(['users', 'export', '--with-hashes', '--format', 'jsonl'], { env });
    const count = stdout.trim().split('\n').length;
    expect(await events('users.exported')).toEqual([{ subject_id: null, details: { count, with_hashes: true } }]);
  });
});
