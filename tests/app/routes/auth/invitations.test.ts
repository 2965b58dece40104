import { describe, expect, it } from 'vitest';
import { resetPassword } from '../../../../src/app/services/admin/users.ts';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD, type TestUser } from '../../../helpers/api.ts';

const { api, mailOf, mailsTo } = await startMailingApi({ LIMIT_MAILS_PER_IP: '1000/1m' });
const INVALID = [400, 'one_time_token_invalid'];
let count = 0;

const post = (url: string, payload: object, token?: string) =>
  api.request({ method: 'POST', url, payload, ...(token !== undefined && { token }) });
const invite = (admin: TestUser, payload: object) => post('/users/invitations', payload, admin.access_token);
const accept = (token: string, more: object = {}) =>
  post('/auth/accept-invitation', { token, password: PASSWORD, ...more });
const newAddress = () => `invited-${++count}@example.org`;
const brief = (answer: { statusCode: number; json: () => { code: string } }) => [answer.statusCode, answer.json().code];
/** Invites an address, and gives the link's token. */
const invited = async (admin: TestUser, fields: object = {}) => {
  const email = newAddress();
  const answer = await invite(admin, { email, ...fields });
  expect(answer.statusCode).toBe(201);
  return { id: answer.json().id as string, email, token: (await mailOf(email, 'invitation')).token };
};
const rowOf = async (id: string) =>
  (
    await api.sql(
      `select name, role, email_verified_at is not null as verified, password_hash is not null as password,
              (select count(*)::int from sessions where user_id = users.id) as sessions from users where id = $1`,
      [id],
    )
  )[0];
const eventsOf = async (id: string) =>
  api.sql<{ event: string; actor_id: string | null; details: object }>(
    'select event, actor_id, details from audit_events where subject_id = $1 order by id',
    [id],
  );
/** As a command of the operator has it. */
const OPERATOR = {
  request_id: 'command',
  client: { ip: 'local', user_agent: null },
  actor: null,
  reportQuota: () => {},
};
const UNUSED = { verified: false, password: false, sessions: 0 };

describe('POST /auth/accept-invitation', () => {
  it('sets the password and the name, verifies the address, and logs in', async () => {
    const admin = await api.admin();
    const { id, email, token } = await invited(admin, { name: 'As invited' });
    const answer = await accept(token, { name: 'Grace Hopper' });
    expect(answer.statusCode).toBe(200);
    const me = await api.request({ url: '/auth/me', token: answer.json().access_token });
    expect(me.json()).toMatchObject({ id, email, name: 'Grace Hopper', email_verified: true, has_password: true });
    expect((await post('/auth/login', { email, password: PASSWORD })).statusCode).toBe(200);
    const events = (await eventsOf(id)).map(({ event }) => event);
    expect(events).toEqual(expect.arrayContaining(['user.invited', 'invitation.accepted', 'email.verified']));
    expect(brief(await accept(token))).toEqual(INVALID);
  });

  it('L1: succeeds once of 16 at the same time, and its password is the one that holds', async () => {
    const { id, email, token } = await invited(await api.admin());
    const passwords = Array.from({ length: 16 }, (_, n) => `the horse with number ${n}`);
    const answers = await Promise.all(passwords.map((password) => accept(token, { password })));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(15).fill(400)]);
    const password = passwords[answers.findIndex(({ statusCode }) => statusCode === 200)] ?? '';
    expect(await rowOf(id)).toMatchObject({ verified: true, password: true, sessions: 1 });
    expect((await post('/auth/login', { email, password })).statusCode).toBe(200);
  });

  it('leaves the link usable after a password that is refused', async () => {
    const { id, token } = await invited(await api.admin());
    expect(brief(await accept(token, { password: 'short' }))).toEqual([422, 'password_too_short']);
    expect(await rowOf(id)).toMatchObject(UNUSED);
    expect((await accept(token)).statusCode).toBe(200);
  });

  it('is account_disabled for an account that was disabled meanwhile, until it is enabled', async () => {
    const { id, token } = await invited(await api.admin());
    await api.sql('update users set is_active = false where id = $1', [id]);
    expect(brief(await accept(token))).toEqual([403, 'account_disabled']);
    expect(await rowOf(id)).toMatchObject(UNUSED);
    await api.sql('update users set is_active = true where id = $1', [id]);
    expect((await accept(token)).statusCode).toBe(200);
  });

  it.each([
    [`update users set role = 'user' where id = $1`],
    ['update users set is_active = false where id = $1'],
    ['delete from users where id = $1'],
  ])('of an administrator ends when its inviter is none any more: %s', async (change) => {
    const [admin, other] = [await api.admin(), await api.admin()];
    const elevated = await invited(admin, { role: 'admin' });
    const plain = await invited(admin);
    await api.sql(change, [admin.id]);
    expect(brief(await accept(elevated.token))).toEqual(INVALID);
    expect(await rowOf(elevated.id)).toMatchObject(UNUSED);
    // Neither does a reset bring it back.
    await api.sql(`delete from jobs where kind = 'mail.send'`);
    expect((await post('/auth/forgot-password', { email: elevated.email })).statusCode).toBe(202);
    expect(await mailsTo(elevated.email)).toEqual([]);
    expect((await accept(plain.token)).statusCode).toBe(200);
    expect((await invite(other, { email: elevated.email })).statusCode).toBe(200);
    expect((await accept((await mailOf(elevated.email, 'invitation')).token)).statusCode).toBe(200);
  });

  it('against a demotion of the inviter at the same time, gives an administrator or nothing', async () => {
    for (let round = 0; round < 5; round++) {
      const [admin, other] = [await api.admin(), await api.admin()];
      const { id, token } = await invited(admin, { role: 'admin' });
      const url = `/users/${admin.id}`;
      const [accepted, demoted] = await Promise.all([
        accept(token),
        api.request({ method: 'PATCH', url, payload: { role: 'user' }, token: other.access_token }),
      ]);
      expect(demoted.statusCode).toBe(200);
      if (accepted.statusCode === 200) expect(await rowOf(id)).toMatchObject({ password: true, role: 'admin' });
      else expect([brief(accepted), await rowOf(id)]).toEqual([INVALID, expect.objectContaining(UNUSED)]);
    }
  });

  it('gets the invitation again when it asks for a reset', async () => {
    const { id, email, token } = await invited(await api.admin());
    expect((await post('/auth/forgot-password', { email })).statusCode).toBe(202);
    expect((await mailsTo(email)).map(({ kind }) => kind)).toEqual(['invitation', 'invitation']);
    expect(brief(await accept(token))).toEqual(INVALID);
    expect((await accept((await mailOf(email, 'invitation')).token)).statusCode).toBe(200);
    expect(await rowOf(id)).toMatchObject({ verified: true, password: true });
  });

  it('is void once the operator has set a password', async () => {
    const { id, token } = await invited(await api.admin());
    const ctx = { ...api.app.ctx, ...OPERATOR };
    await resetPassword(ctx, { id, password: 'another horse, another staple' });
    const before = await api.sql('select * from users where id = $1', [id]);
    expect(brief(await accept(token))).toEqual(INVALID);
    expect(await api.sql('select * from users where id = $1', [id])).toEqual(before);
  });

  it('L2, L9: takes no token of another purpose, none that has run out, and no GET', async () => {
    const { id, token } = await invited(await api.admin());
    const user = await api.user();
    const verification = await mailOf(user.email, 'verify_email');
    expect(brief(await accept(verification.token))).toEqual(INVALID);
    expect(brief(await post('/auth/reset-password', { token, password: PASSWORD }))).toEqual(INVALID);
    expect((await api.request({ url: `/auth/accept-invitation?token=${token}` })).statusCode).toBe(405);
    await api.sql(`update one_time_tokens set expires_at = now() - interval '1 second' where user_id = $1`, [id]);
    expect(brief(await accept(token))).toEqual(INVALID);
    expect(await rowOf(id)).toMatchObject(UNUSED);
  });
});
