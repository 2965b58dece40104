import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD } from '../../../helpers/api.ts';
import { startFactorApi } from '../../../helpers/authenticator.ts';
import { holdRows } from '../../../helpers/replicas.ts';

const { api, post, pass, verified, enrol, challenge } = startFactorApi();

const list = async (token: string) => (await api.request({ url: '/auth/me/factors', token })).json();
const remove = (id: string, token: string) => api.request({ method: 'DELETE', url: `/auth/me/factors/${id}`, token });
const eventsOf = async (id: string) =>
  (
    await api.sql<{ event: string }>(
      `select event from audit_events where subject_id = $1 and event ~ '^(factor|recovery)' order by id`,
      [id],
    )
  ).map(({ event }) => event);

describe('POST /auth/me/factors', () => {
  it('answers 403 email_unverified before the address is verified, and makes nothing', async () => {
    const user = await api.user();
    const answer = await post('/auth/me/factors', { type: 'totp' }, user.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'email_unverified']);
    expect(await api.sql('select from factors where user_id = $1', [user.id])).toEqual([]);
  });

  it('gives the secret once, as text, address and picture, and protects nothing yet', async () => {
    const user = await verified();
    const { access_token: token } = user;
    const answer = await post('/auth/me/factors', { type: 'totp' }, token);
    expect(answer.statusCode).toBe(201);
    const { id, secret, otpauth_uri, qr_svg } = answer.json();
    expect(otpauth_uri).toContain(`:${encodeURIComponent(user.email)}?secret=${secret}&`);
    expect(qr_svg).toMatch(/^<svg .*<\/svg>$/s);
    expect(await list(token)).toEqual({
      items: [
        {
          id,
          type: 'totp',
          name: 'Authenticator app',
          is_active: false,
          created_at: expect.any(String),
          last_used_at: null,
        },
      ],
      recovery_codes_left: 0,
    });
    expect((await post('/auth/login', { email: user.email, password: PASSWORD })).statusCode).toBe(200);
    const rows = await api.sql<{ sealed_secret: string }>('select * from factors where id = $1', [id]);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('answers 401 session_ended to an account that goes between its session check and the change', async () => {
    const user = await verified();
    const row = await holdRows(api, 'select 1 from users where id = $1', [user.id]);
    await row.query('delete from users where id = $1', [user.id]);
    const answer = post('/auth/me/factors', { type: 'totp' }, user.access_token);
    await row.awaitedBy(1);
    await row.release();
    const { statusCode, body } = await answer;
    expect([statusCode, JSON.parse(body).code]).toEqual([401, 'session_ended']);
    expect(await api.sql('select from factors where user_id = $1', [user.id])).toEqual([]);
  });

  it('takes the place of one that was never activated', async () => {
    const user = await verified();
    const first = (await post('/auth/me/factors', { type: 'totp' }, user.access_token)).json();
    await post('/auth/me/factors', { type: 'totp', name: 'Second' }, user.access_token);
    expect((await list(user.access_token)).items.map(({ name }: { name: string }) => name)).toEqual(['Second']);
    const gone = await post(`/auth/me/factors/${first.id}/activate`, { code: '000000' }, user.access_token);
    expect([gone.statusCode, gone.json().code]).toEqual([404, 'factor_not_found']);
  });

  it('answers 409 factor_limit for the eleventh active one, and keeps the ten', async () => {
    const user = await verified();
    await api.sql(
      `insert into factors (id, user_id, type, name, sealed_secret, key_id, is_active)
       select gen_random_uuid(), $1, 'totp', 'App ' || n, '', '', true from generate_series(1, 10) n`,
      [user.id],
    );
    const answer = await post('/auth/me/factors', { type: 'totp' }, user.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'factor_limit']);
    expect((await list(user.access_token)).items).toHaveLength(10);
  });

  it('wants a session that was proved in the last five minutes, and says by what', async () => {
    const user = await verified();
    await api.sql(`update sessions set authenticated_at = now() - interval '301 s' where user_id = $1`, [user.id]);
    const answer = await post('/auth/me/factors', { type: 'totp' }, user.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'reauthentication_required']);
    expect(answer.json().methods).toEqual(['password']);
    expect(await api.sql('select from factors where user_id = $1', [user.id])).toEqual([]);
  });
});

describe('POST /auth/me/factors/{id}/activate', () => {
  it('answers 401 invalid_credentials for a wrong code, and the factor stays inactive', async () => {
    const user = await verified();
    const { id } = (await post('/auth/me/factors', { type: 'totp' }, user.access_token)).json();
    const answer = await post(`/auth/me/factors/${id}/activate`, { code: '000000' }, user.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid_credentials']);
    expect((await list(user.access_token)).items[0].is_active).toBe(false);
  });

  it('comes with recovery codes for the first factor alone, spends its step and is told by mail', async () => {
    const user = await verified();
    const first = await enrol(user);
    expect(new Set(first.recovery_codes).size).toBe(10);
    const second = await enrol(user);
    expect(second.recovery_codes).toEqual([]);
    expect(await list(user.access_token)).toMatchObject({ recovery_codes_left: 10, items: [{}, {}] });
    expect(await eventsOf(user.id)).toEqual([
      'factor.enrolled',
      'factor.added',
      'recovery_codes.created',
      'factor.enrolled',
      'factor.added',
    ]);
    const mails = await api.sql(
      `select payload->>'subject' as subject from jobs where payload->>'kind' = 'notice.factor.added' and payload->>'to' = $1`,
      [user.email],
    );
    expect(mails).toEqual([{ subject: 'Phone' }, { subject: 'Phone' }]);
    const dump = JSON.stringify(await api.sql('select * from recovery_codes where user_id = $1', [user.id]));
    for (const code of first.recovery_codes) expect(dump).not.toContain(code.slice(0, 5));
  });

  it('makes the session one of two factors', async () => {
    const user = await verified();
    await enrol(user);
    const refreshed = await post('/auth/refresh', { refresh_token: user.refresh_token });
    expect(claimsOf(refreshed.json().access_token)).toMatchObject({ amr: ['pwd', 'otp'], acr: '2' });
  });

  it('activates once of 16 at the same time', async () => {
    const user = await verified();
    const { id, secret } = (await post('/auth/me/factors', { type: 'totp' }, user.access_token)).json();
    const { codeOfStep, fromBase32, stepsAt } = await import('../../../../src/app/services/auth/factors/totp.ts');
    const code = codeOfStep(fromBase32(secret), stepsAt(api.app.ctx.clock.now())[0] ?? 0);
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => post(`/auth/me/factors/${id}/activate`, { code }, user.access_token)),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(15).fill(404)]);
  });
});

describe('DELETE /auth/me/factors/{id}', () => {
  it('opens the gate with the last one, recovery codes included', async () => {
    const user = await verified();
    const [first, second] = [await enrol(user), await enrol(user)];
    expect((await remove(first.id, user.access_token)).statusCode).toBe(204);
    await challenge(user);
    expect((await remove(second.id, user.access_token)).statusCode).toBe(204);
    expect(await list(user.access_token)).toEqual({ items: [], recovery_codes_left: 0 });
    expect((await post('/auth/login', { email: user.email, password: PASSWORD })).statusCode).toBe(200);
  });

  it('does not know the factor of another account', async () => {
    const [user, other] = [await verified(), await verified()];
    const theirs = await enrol(other);
    const answer = await remove(theirs.id, user.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'factor_not_found']);
    await challenge(other);
  });

  it('beside a factor, a password alone proves nothing', async () => {
    const user = await verified();
    const app = await enrol(user);
    await api.sql(`update sessions set authenticated_at = now() - interval '301 s' where user_id = $1`, [user.id]);
    const again = (payload: object) => post('/auth/me/reauthenticate', payload, user.access_token);
    const refused = await remove(app.id, user.access_token);
    expect(refused.json()).toMatchObject({ code: 'reauthentication_required', methods: ['totp'] });
    const byPassword = await again({ password: PASSWORD });
    expect(byPassword.json()).toMatchObject({ code: 'reauthentication_required', methods: ['totp'] });
    expect((await again({ code: '000000' })).json().code).toBe('invalid_credentials');
    expect((await remove(app.id, user.access_token)).statusCode).toBe(403);
    pass();
    expect((await again({ code: app.code() })).statusCode).toBe(204);
    expect((await remove(app.id, user.access_token)).statusCode).toBe(204);
  });
});
