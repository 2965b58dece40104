import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD } from '../../../helpers/api.ts';

const { api, mailOf } = await startMailingApi();
const NEW = 'another horse, another staple';
const post = (url: string, payload: object, token?: string) =>
  api.request({ method: 'POST', url, payload, ...(token !== undefined && { token }) });
const change = (user: { access_token: string }) =>
  post('/auth/me/password', { current_password: PASSWORD, new_password: NEW }, user.access_token);

describe('POST /auth/secure-account', () => {
  it('ends every session, drops the password, and mails a reset that lets the owner in again', async () => {
    const user = await api.user();
    await change(user);
    const { token: secure } = await mailOf(user.email, 'notice.password.changed');
    const barrier = await Promise.all(Array.from({ length: 8 }, () => post('/auth/secure-account', { token: secure })));
    expect(barrier.map(({ statusCode }) => statusCode).sort()).toEqual([204, ...Array(7).fill(400)]);
    expect(await api.sql('select 1 from sessions where user_id = $1', [user.id])).toEqual([]);
    expect((await post('/auth/login', { email: user.email, password: NEW })).statusCode).toBe(401);
    const own = await mailOf(user.email, 'reset_password');
    expect((await post('/auth/reset-password', { token: own.token, password: PASSWORD })).statusCode).toBe(204);
    expect((await post('/auth/login', { email: user.email, password: PASSWORD })).statusCode).toBe(200);
    const events = await api.sql(`select 1 from audit_events where event = 'user.secured' and subject_id = $1`, [
      user.id,
    ]);
    expect(events).toHaveLength(1);
  });

  it('survives a further change of the password, and takes no token of another purpose', async () => {
    const user = await api.user();
    await change(user);
    const { token: secure } = await mailOf(user.email, 'notice.password.changed');
    const verification = await mailOf(user.email, 'verify_email');
    expect((await post('/auth/secure-account', { token: verification.token })).json().code).toBe(
      'one_time_token_invalid',
    );
    await post('/auth/forgot-password', { email: user.email });
    const own = await mailOf(user.email, 'reset_password');
    await post('/auth/reset-password', { token: own.token, password: 'yet another horse' });
    expect((await post('/auth/secure-account', { token: secure })).statusCode).toBe(204);
  });
});
