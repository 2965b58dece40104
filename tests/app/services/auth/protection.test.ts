import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD } from '../../../helpers/api.ts';
import { passkeyCalls } from '../../../helpers/passkeys.ts';
import { softAuthenticator } from '../../../helpers/soft-authenticator.ts';

const { api, mailOf } = await startMailingApi({ LIMIT_MAILS_PER_IP: '1000/1m', RATE_LIMITS: 'false' });
const post = (url: string, payload: object, token?: string) =>
  api.request({ method: 'POST', url, payload, ...(token !== undefined && { token }) });
const { add, login } = passkeyCalls(post);
const NEW = 'another horse, another staple';

async function holder() {
  const user = await api.user();
  const verification = await mailOf(user.email, 'verify_email');
  await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
  const authenticator = softAuthenticator();
  await add(user, authenticator, 'Phone');
  return { ...user, authenticator, verification };
}

/** The same, as if nobody had proved the mailbox. */
async function squatter() {
  const user = await holder();
  await api.sql('update users set email_verified_at = null where id = $1', [user.id]);
  return user;
}

describe('“this was not me”', () => {
  it('removes the passkeys of the last seven days, and leaves older ones', async () => {
    const user = await holder();
    const older = softAuthenticator();
    const { id } = await add(user, older, 'Older');
    await api.sql(`update passkeys set created_at = now() - interval '8 days' where id = $1`, [id]);
    const { token, text } = await mailOf(user.email, 'notice.passkey.added');
    expect(text).toContain('Older');
    expect((await post('/auth/secure-account', { token })).statusCode).toBe(204);
    expect((await login(user.authenticator)).statusCode).toBe(401);
    expect((await login(older)).statusCode).toBe(200);
  });
});

describe('the first proof of a mailbox', () => {
  it('L8: drops the passkeys of those who may have set the account up', async () => {
    const user = await squatter();
    expect((await post('/auth/verify', { token: user.verification.token })).statusCode).toBe(200);
    expect((await login(user.authenticator)).statusCode).toBe(401);
    expect(await api.sql('select from passkeys where user_id = $1', [user.id])).toEqual([]);
  });

  it('L8: keeps them for whoever has the password', async () => {
    const user = await squatter();
    const { token } = user.verification;
    expect((await post('/auth/verify', { token, password: PASSWORD })).statusCode).toBe(200);
    expect((await login(user.authenticator)).statusCode).toBe(200);
  });

  it('L8: drops them by a reset too, which of a proved mailbox drops none', async () => {
    const [user, proved] = [await squatter(), await holder()];
    for (const { email } of [user, proved]) {
      await post('/auth/forgot-password', { email });
      const { token } = await mailOf(email, 'reset_password');
      expect((await post('/auth/reset-password', { token, password: NEW })).statusCode).toBe(204);
    }
    expect((await login(user.authenticator)).statusCode).toBe(401);
    expect((await login(proved.authenticator)).statusCode).toBe(200);
  });
});
