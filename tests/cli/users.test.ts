import { describe, expect, it } from 'vitest';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';

const api = startApi();
const users = (args: string[], input = '') => back(['users', ...args], { env: { DATABASE_URL: api.url }, input });
const login = (email: string, password: string) =>
  api.request({ method: 'POST', url: '/auth/login', payload: { email, password } });

describe('back users list', () => {
  it('lists the newest first, by prefix, role and state', async () => {
    const [first, second] = [
      await api.user({ email: 'list-1@example.com' }),
      await api.user({ email: 'list-2@example.com' }),
    ];
    const listed = async (...args: string[]) => {
      const { code, stdout } = await users(['list', '--json', '--email', 'LIST-', ...args]);
      expect(code).toBe(0);
      return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).id]));
    };
    await api.sql(`update users set is_active = false, role = 'admin' where id = $1`, [first.id]);
    expect(await listed()).toEqual([second.id, first.id]);
    expect(await listed('--disabled')).toEqual([first.id]);
    expect(await listed('--active')).toEqual([second.id]);
    expect(await listed('--role', 'admin')).toEqual([first.id]);
    expect(await listed('--limit', '1')).toEqual([second.id]);
  });

  it('prints a table that a name cannot break out of', async () => {
    await api.user({ email: 'escape@example.com', name: 'red\u001b[31m\nnext line' });
    const { stdout } = await users(['list', '--email', 'escape@']);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('back users show', () => {
  it('shows the user and where it is logged in, and nothing of the password', async () => {
    const user = await api.user({ name: 'Shown' });
    const { code, stdout } = await users(['show', user.email.toUpperCase(), '--json']);
    expect(code).toBe(0);
    const shown = JSON.parse(stdout);
    expect(shown).toMatchObject({ id: user.id, name: 'Shown', role: 'user', is_active: true });
    expect(shown.sessions).toHaveLength(1);
    expect(stdout).not.toMatch(/hash|\$2b/);
    expect((await users(['show', user.id])).stdout).toContain('Shown');
  });

  it('says in one sentence that there is no such user', async () => {
    const { code, stdout, stderr } = await users(['show', 'nobody@example.com']);
    expect([code, stdout, stderr]).toEqual([1, '', 'There is no such user\n']);
  });
});

describe('back users unlock', () => {
  it('lifts the lock of an account, and says that it is gone', async () => {
    const user = await api.user();
    const attempt = (password: string) =>
      api.request({
        method: 'POST',
        url: '/auth/login',
        remoteAddress: '203.0.113.9',
        payload: { email: user.email, password },
      });
    for (let n = 0; n < 10; n++) expect((await attempt('wrong horse battery staple')).statusCode).toBe(401);
    expect((await attempt(PASSWORD)).statusCode).toBe(429);
    const { code, stdout } = await users(['unlock', user.email]);
    expect([code, stdout]).toEqual([0, `${user.email} is not locked\n`]);
    expect((await attempt(PASSWORD)).statusCode).toBe(200);
    const events = await api.sql(`select ip from audit_events where event = 'user.unlocked'`);
    expect(events).toEqual([{ ip: 'local' }]);
  });
});

describe('back users disable, enable', () => {
  it('ends every session at once and lets the user back in', async () => {
    const user = await api.user();
    expect((await users(['disable', user.email])).code).toBe(0);
    const me = await api.request({ url: '/auth/me', token: user.access_token });
    expect(me.json().code).toBe('session_ended');
    expect((await login(user.email, PASSWORD)).json().code).toBe('account_disabled');
    expect((await users(['enable', user.id])).code).toBe(0);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
  });

  it('keeps the last administrator', async () => {
    const { email, id } = await api.admin();
    await api.sql(`update users set role = 'user' where id <> $1`, [id]);
    const { code, stderr } = await users(['disable', email]);
    expect([code, stderr]).toEqual([1, 'The last administrator cannot be removed\n']);
    expect(await api.sql('select is_active from users where id = $1', [id])).toEqual([{ is_active: true }]);
  });
});

describe('back users reset-password', () => {
  it('sets the password from standard input and ends every session', async () => {
    const user = await api.user();
    const { code, stdout } = await users(['reset-password', user.email, '--password-stdin'], 'a new passphrase 42\n');
    expect([code, stdout]).toEqual([0, '']);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).json().code).toBe('session_ended');
    expect((await login(user.email, PASSWORD)).json().code).toBe('invalid_credentials');
    expect((await login(user.email, 'a new passphrase 42')).statusCode).toBe(200);
  });

  it('is recorded as the operator’s doing, of a user without sessions too', async () => {
    const user = await api.user();
    await api.request({ method: 'POST', url: '/auth/logout', token: user.access_token });
    await users(['reset-password', user.id, '--generate']);
    const events = `select event, actor_id, ip from audit_events where subject_id = $1 order by id desc limit 1`;
    expect(await api.sql(events, [user.id])).toEqual([{ event: 'password.reset', actor_id: null, ip: 'local' }]);
  });

  it('makes one that is good and prints nothing else on standard output', async () => {
    const user = await api.user();
    const { stdout } = await users(['reset-password', user.id, '--generate']);
    expect(stdout).toMatch(/^[\w-]{24}\n$/);
    expect((await login(user.email, stdout.trim())).statusCode).toBe(200);
  });

  it('refuses what registration refuses, and changes nothing', async () => {
    const user = await api.user();
    const { code, stderr } = await users(['reset-password', user.email, '--password-stdin'], 'password1\n');
    expect(code).toBe(1);
    expect(stderr).toMatch(/tried first/);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(200);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
  });
});
