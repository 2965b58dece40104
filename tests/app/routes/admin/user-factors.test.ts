import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { newId } from '../../../../src/app/utils/ids.ts';
import { PASSWORD } from '../../../helpers/api.ts';
import { PASSKEY_SQL } from '../../../helpers/asking-operations.ts';
import { eventually } from '../../../helpers/own-postgres.ts';
import { startPasskeyApi } from '../../../helpers/passkeys.ts';
import { softAuthenticator } from '../../../helpers/soft-authenticator.ts';

const { api, post, verified, enrol, challenge, add, login } = startPasskeyApi();

const remove = (id: string, token: string, payload: object = { reason: 'Lost phone' }) =>
  api.request({ method: 'DELETE', url: `/users/${id}/factors`, token, payload });

describe('DELETE /users/{id}/factors', () => {
  it('removes the factors and recovery codes, ends the sessions, records the reason and mails the user', async () => {
    const [admin, user] = [await api.admin(), await verified()];
    await enrol(user);
    expect((await remove(user.id, admin.access_token)).statusCode).toBe(204);
    expect((await api.request({ url: '/auth/me', token: user.access_token })).statusCode).toBe(401);
    const back = await post('/auth/login', { email: user.email, password: PASSWORD });
    expect(back.statusCode).toBe(200);
    const { access_token: token } = back.json();
    expect((await api.request({ url: '/auth/me/factors', token })).json()).toEqual({
      items: [],
      recovery_codes_left: 0,
    });
    const [event] = await api.sql(
      `select actor_id, details from audit_events where event = 'factor.removed' and subject_id = $1`,
      [user.id],
    );
    expect(event).toEqual({ actor_id: admin.id, details: { reason: 'Lost phone', removed: 1 } });
    const mails = await api.sql(
      `select from jobs where payload->>'kind' = 'notice.factor.removed' and payload->>'to' = $1`,
      [user.email],
    );
    expect(mails).toHaveLength(1);
  });

  it('removes the passkeys too, and their recovery codes', async () => {
    const [admin, user] = [await api.admin(), await verified()];
    const authenticator = softAuthenticator();
    await add(user, authenticator);
    await post('/auth/me/recovery-codes', {}, user.access_token);
    expect((await remove(user.id, admin.access_token)).statusCode).toBe(204);
    expect((await login(authenticator)).statusCode).toBe(401);
    const left = await api.sql(
      'select from passkeys where user_id = $1 union all select from recovery_codes where user_id = $1',
      [user.id],
    );
    expect(left).toEqual([]);
    const [event] = await api.sql(
      `select details from audit_events where event = 'factor.removed' and subject_id = $1`,
      [user.id],
    );
    expect(event).toEqual({ details: { reason: 'Lost phone', removed: 1 } });
  });

  it('removes what another transaction was about to add', async () => {
    const [admin, user] = [await api.admin(), await verified()];
    const adding = new pg.Client({ connectionString: api.url });
    await adding.connect();
    try {
      await adding.query('begin');
      await adding.query('select from users where id = $1 for update', [user.id]);
      await adding.query(PASSKEY_SQL, [newId(), user.id]);
      const removing = remove(user.id, admin.access_token);
      const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await eventually('the removal waits', async () => (await api.sql(waiting)).length > 0);
      await adding.query('commit');
      expect((await removing).statusCode).toBe(204);
    } finally {
      await adding.end();
    }
    expect(await api.sql('select from passkeys where user_id = $1', [user.id])).toEqual([]);
  });

  it.each([{}, { reason: '' }, { reason: 'x'.repeat(501) }])('wants a reason, %#', async (payload) => {
    const [admin, user] = [await api.admin(), await verified()];
    await enrol(user);
    expect((await remove(user.id, admin.access_token, payload)).statusCode).toBe(422);
    await challenge(user);
  });

  it('wants a recent proof, and changes nothing without', async () => {
    const [admin, user] = [await api.admin(), await verified()];
    await enrol(user);
    await api.sql(`update sessions set authenticated_at = now() - interval '1 h' where user_id = $1`, [admin.id]);
    const answer = await remove(user.id, admin.access_token);
    expect(answer.json()).toMatchObject({ code: 'reauthentication_required', methods: ['password'] });
    await challenge(user);
    const proof = await post('/auth/me/reauthenticate', { password: PASSWORD }, admin.access_token);
    expect(proof.statusCode).toBe(204);
    expect((await remove(user.id, admin.access_token)).statusCode).toBe(204);
  });

  it('answers user_not_found for an unknown user', async () => {
    const admin = await api.admin();
    const answer = await remove('019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d', admin.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'user_not_found']);
  });
});
