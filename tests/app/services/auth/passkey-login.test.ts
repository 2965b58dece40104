import { describe, expect, it } from 'vitest';
import { startPasskeyApi } from '../../../helpers/passkeys.ts';
import { startReplica } from '../../../helpers/replicas.ts';

const { api, post, holder, login, answer } = startPasskeyApi({ LIMIT_LOGIN_FAILURES_PER_IP: '5/5m' });
/** The same accounts under EMAIL_VERIFICATION=required. */
const strict = startReplica(api, { email_verification: 'required' });

const outcomes = () => ({ ...api.app.ctx.metrics.logins_total.values });

describe('a login by passkey', () => {
  it('wants a verified address if every login does', async () => {
    const user = await holder();
    await api.sql('update users set email_verified_at = null where id = $1', [user.id]);
    const payload = await answer(user.authenticator);
    const refused = await strict.request({ method: 'POST', url: '/auth/passkeys/login', payload });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'email_unverified']);
    expect(await api.sql('select from sessions where user_id = $1', [user.id])).toHaveLength(1);
  });

  it('is counted and recorded, and says in the log alone why it was refused', async () => {
    const user = await holder();
    const before = outcomes();
    expect((await login(user.authenticator)).statusCode).toBe(200);
    expect((await login(user.authenticator, { origin: 'https://app.example.com' })).statusCode).toBe(401);
    const after = outcomes();
    expect([after.succeeded - before.succeeded, after.failed - before.failed]).toEqual([1, 1]);
    const [event] = await api.sql(
      `select subject_id, details from audit_events where event = 'login.failed' order by id desc limit 1`,
    );
    expect(event).toEqual({ subject_id: null, details: { reason: 'invalid_credentials' } });
    const logged = api.logs.find(({ event }) => event === 'passkey.refused');
    expect(String(logged?.problem)).toContain('https://app.example.com');
  });

  it('counts wrong answers for the network, with those of passwords', async () => {
    const user = await holder();
    for (let wrong = 0; wrong < 5; wrong++) {
      const payload =
        wrong % 2
          ? { email: user.email, password: 'wrong password' }
          : await answer(user.authenticator, { user_verified: false });
      await post(wrong % 2 ? '/auth/login' : '/auth/passkeys/login', payload);
    }
    const limited = await login(user.authenticator);
    expect([limited.statusCode, limited.json().code]).toEqual([429, 'rate_limited']);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
  });
});
