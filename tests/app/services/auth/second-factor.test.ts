import { describe, expect, it } from 'vitest';
import { codeOfStep, fromBase32, stepsAt } from '../../../../src/app/services/auth/factors/totp.ts';
import { claimsOf, PASSWORD } from '../../../helpers/api.ts';
import { startPasskeyApi } from '../../../helpers/passkeys.ts';
import { softAuthenticator } from '../../../helpers/soft-authenticator.ts';

const { api, post, verified, add, answer } = startPasskeyApi({ MFA_REQUIRED_FOR: 'admins' });

async function verifiedAdmin() {
  const admin = await verified();
  await api.sql(`update users set role = 'admin' where id = $1`, [admin.id]);
  return admin;
}

const login = ({ email }: { email: string }) => post('/auth/login', { email, password: PASSWORD });

/** The token that an administrator without a factor gets. */
async function enrolling(admin: { email: string }): Promise<string> {
  const answer = await login(admin);
  expect([answer.statusCode, answer.json().code]).toEqual([403, 'mfa_enrollment_required']);
  expect(answer.json().expires_in).toBe(900);
  return answer.json().mfa_token;
}

describe('MFA_REQUIRED_FOR=admins', () => {
  it('lets a user in by a password', async () => {
    expect((await login(await verified())).statusCode).toBe(200);
  });

  it('gives an administrator without a factor a token for the set-up, and no session', async () => {
    const admin = await verifiedAdmin();
    const token = await enrolling(admin);
    expect((await api.request({ url: '/auth/me', token })).json()).toMatchObject({ id: admin.id });
    expect((await api.request({ url: '/auth/me/factors', token })).json().items).toEqual([]);
    const sessions = await api.sql('select from sessions where user_id = $1', [admin.id]);
    expect(sessions).toHaveLength(1);
  });

  it('opens nothing else by that token', async () => {
    const token = await enrolling(await verifiedAdmin());
    for (const [method, url] of [
      ['GET', '/users'],
      ['GET', '/auth/sessions'],
      ['PATCH', '/auth/me'],
      ['DELETE', '/auth/sessions'],
      ['POST', '/auth/logout'],
      ['POST', '/auth/me/recovery-codes'],
    ] as const) {
      const answer = await api.request({ method, url, token, ...(method === 'PATCH' && { payload: { name: 'x' } }) });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 401, 'token_invalid']);
    }
    const asFactor = await post('/auth/mfa', { mfa_token: token, code: '123456' });
    expect(asFactor.json().code).toBe('mfa_token_invalid');
  });

  it('ends the set-up with a pair of two factors, once', async () => {
    const admin = await verifiedAdmin();
    const token = await enrolling(admin);
    const begun = await post('/auth/me/factors', { type: 'totp' }, token);
    expect(begun.statusCode, begun.body).toBe(201);
    const { id, secret } = begun.json();
    const code = codeOfStep(fromBase32(secret), stepsAt(api.app.ctx.clock.now())[0] ?? 0);
    const active = await post(`/auth/me/factors/${id}/activate`, { code }, token);
    expect(active.statusCode, active.body).toBe(200);
    expect(active.json().recovery_codes).toHaveLength(10);
    const pair = active.json();
    expect(claimsOf(pair.access_token)).toMatchObject({ sub: admin.id, amr: ['pwd', 'otp'], acr: '2' });
    expect((await api.request({ url: '/users', token: pair.access_token })).statusCode).toBe(200);
    const spent = await api.request({ url: '/auth/me', token });
    expect([spent.statusCode, spent.json().code]).toEqual([401, 'mfa_token_invalid']);
    expect((await login(admin)).json().code).toBe('mfa_required');
  });

  it('ends the set-up by the first passkey too, whose password then asks for it', async () => {
    const admin = await verifiedAdmin();
    const [token, other] = [await enrolling(admin), await enrolling(admin)];
    const authenticator = softAuthenticator();
    const { access_token = '', id } = await add({ access_token: token }, authenticator);
    expect(claimsOf(access_token)).toMatchObject({ sub: admin.id, amr: ['pwd', 'swk', 'user'], acr: '2' });
    expect((await api.request({ url: '/users', token: access_token })).statusCode).toBe(200);
    for (const spent of [token, other]) {
      const refused = await post('/auth/me/passkeys/options', {}, spent);
      expect([refused.statusCode, refused.json().code]).toEqual([401, 'mfa_token_invalid']);
    }
    const demanded = (await login(admin)).json();
    expect(demanded).toMatchObject({ code: 'mfa_required', factors: [{ id, type: 'passkey' }], recovery_codes: false });
    const { mfa_token } = demanded;
    const pair = await post('/auth/mfa', { mfa_token, ...(await answer(authenticator)) });
    expect(pair.statusCode, pair.body).toBe(200);
  });

  it('opens no other call of passkeys by that token', async () => {
    const token = await enrolling(await verifiedAdmin());
    const answer = await api.request({ url: '/auth/me/passkeys', token });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'token_invalid']);
  });

  it('lets an administrator in by a passkey alone', async () => {
    const admin = await verified();
    const authenticator = softAuthenticator();
    await add(admin, authenticator);
    await api.sql(`update users set role = 'admin' where id = $1`, [admin.id]);
    const pair = await post('/auth/passkeys/login', await answer(authenticator));
    expect((await api.request({ url: '/users', token: pair.json().access_token })).statusCode).toBe(200);
  });

  it('wants two factors for what an administrator does, also of an older session', async () => {
    const admin = await verifiedAdmin();
    const answer = await api.request({ url: '/users', token: admin.access_token });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'reauthentication_required']);
    const own = await api.request({ url: '/auth/me', token: admin.access_token });
    expect(own.statusCode).toBe(200);
    const write = await post('/users', { email: 'new@example.com', password: PASSWORD }, admin.access_token);
    expect([write.statusCode, write.json().code]).toEqual([403, 'reauthentication_required']);
    expect(await api.sql(`select from users where email = 'new@example.com'`)).toEqual([]);
  });

  it('is not gone round by a token of another password', async () => {
    const admin = await verifiedAdmin();
    const token = await enrolling(admin);
    await api.sql('update users set password_version = password_version + 1 where id = $1', [admin.id]);
    const answer = await api.request({ url: '/auth/me', token });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'mfa_token_invalid']);
  });
});

describe('a factor that is added while a session starts', () => {
  it('leaves no session of one factor behind', async () => {
    const user = await verified();
    await api.sql('update users set has_factor = true where id = $1', [user.id]);
    const { start } = await import('../../../../src/app/services/auth/sessions.ts');
    const client = { ip: '127.0.0.1', user_agent: null };
    const ctx = { ...api.app.ctx, request_id: 'x', client, reportQuota: () => {}, actor: null };
    const [row] = await api.sql<Parameters<typeof start>[1]>('select * from users where id = $1', [user.id]);
    if (row === undefined) throw new Error('no user');
    // What the login read before the factor was added.
    expect(await start(ctx, { ...row, has_factor: false }, ['pwd'])).toBeUndefined();
    expect(await api.sql('select from sessions where user_id = $1', [user.id])).toHaveLength(1);
  });
});
