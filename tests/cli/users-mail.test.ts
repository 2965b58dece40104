import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../helpers/account-mails.ts';
import { PASSWORD } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';

const { api, mailOf } = await startMailingApi();
const users = (...args: string[]) => back(['users', ...args], { env: { DATABASE_URL: api.url } });
const post = (url: string, payload: object) => api.request({ method: 'POST', url, payload });
const eventsOf = (id: string) =>
  api.sql('select event, actor_id, ip from audit_events where subject_id = $1 order by id desc limit 1', [id]);

describe('back users invite', () => {
  it('opens an account and mails an invitation, again while it is open, and then says that the address is taken', async () => {
    const first = await users('invite', 'Grace@Example.org', '--name', 'Grace', '--role', 'admin');
    expect(first).toEqual({ code: 0, stdout: 'grace@example.org is invited\n', stderr: '' });
    expect((await users('invite', 'grace@example.org')).stdout).toBe('grace@example.org is invited again\n');
    const { token } = await mailOf('grace@example.org', 'invitation');
    const answer = await post('/auth/accept-invitation', { token, password: PASSWORD });
    const me = await api.request({ url: '/auth/me', token: answer.json().access_token });
    expect(me.json()).toMatchObject({ name: 'Grace', role: 'admin', email_verified: true });
    const taken = await users('invite', 'grace@example.org');
    expect(taken).toEqual({ code: 1, stdout: '', stderr: 'Email already registered\n' });
  });

  it('refuses what is no address and what is no role', async () => {
    expect((await users('invite', 'nobody')).code).toBe(1);
    expect((await users('invite', 'ann@example.org', '--role', 'owner')).code).not.toBe(0);
    expect(await api.sql(`select 1 from users where email = 'ann@example.org'`)).toEqual([]);
  });
});

describe('back users verify', () => {
  it('counts an address as verified, once, as the operator’s doing', async () => {
    const user = await api.user();
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await users('verify', user.email);
      expect([code, stdout]).toEqual([0, `${user.email} is verified\n`]);
    }
    const me = await api.request({ url: '/auth/me', token: user.access_token });
    expect(me.json()).toMatchObject({ email_verified: true, has_password: true });
    const events = `select actor_id, ip from audit_events where subject_id = $1 and event = 'email.verified'`;
    expect(await api.sql(events, [user.id])).toEqual([{ actor_id: null, ip: 'local' }]);
  });
});

describe('back users send-reset', () => {
  it('queues a reset that sets a new password', async () => {
    const user = await api.user();
    const { code, stdout } = await users('send-reset', user.email);
    expect([code, stdout]).toEqual([0, `A mail to ${user.email} is queued; a server process sends it\n`]);
    expect(await eventsOf(user.id)).toEqual([{ event: 'password.reset_requested', actor_id: null, ip: 'local' }]);
    const { token } = await mailOf(user.email, 'reset_password');
    expect((await post('/auth/reset-password', { token, password: 'another horse, another staple' })).statusCode).toBe(
      204,
    );
  });

  it('sends an open invitation again, and nothing to a disabled account', async () => {
    await users('invite', 'hopper@example.org');
    expect((await users('send-reset', 'hopper@example.org')).code).toBe(0);
    const { token } = await mailOf('hopper@example.org', 'invitation');
    expect((await post('/auth/accept-invitation', { token, password: PASSWORD })).statusCode).toBe(200);
    const user = await api.user();
    await api.sql('update users set is_active = false where id = $1', [user.id]);
    const refused = await users('send-reset', user.id);
    expect([refused.code, refused.stderr]).toEqual([1, 'The account is disabled\n']);
    expect(
      await api.sql(`select 1 from jobs where payload->>'kind' = 'reset_password' and payload->>'to' = $1`, [
        user.email,
      ]),
    ).toEqual([]);
  });
});
