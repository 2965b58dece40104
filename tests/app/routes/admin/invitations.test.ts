import { describe, expect, it } from 'vitest';
import { removeExpired } from '../../../../src/app/services/auth/one-time-tokens.ts';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD, type TestUser } from '../../../helpers/api.ts';

const { api, mailOf, mailsTo } = await startMailingApi({ LIMIT_MAILS_PER_IP: '1000/1m' });
const INVALID = [400, 'one_time_token_invalid'];
const TAKEN = [409, 'email_taken'];
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
const eventsOf = async (id: string) =>
  api.sql<{ event: string; actor_id: string | null; details: object }>(
    'select event, actor_id, details from audit_events where subject_id = $1 order by id',
    [id],
  );

describe('POST /users/invitations', () => {
  it('opens an account without a password, and mails its owner who invited', async () => {
    const admin = await api.admin();
    const answer = await invite(admin, { email: ' Grace@Example.ORG', name: 'Grace', role: 'admin' });
    expect(answer.statusCode).toBe(201);
    const user = answer.json();
    expect(user).toMatchObject({
      ...{ email: 'grace@example.org', name: 'Grace', role: 'admin', is_active: true },
      ...{ has_password: false, email_verified: false },
    });
    const mail = await mailOf('grace@example.org', 'invitation');
    expect([mail.code, mail.text]).toEqual(['', expect.stringContaining('/account/accept-invitation#token=')]);
    expect(mail.text).toContain(admin.email);
    expect(await eventsOf(user.id)).toEqual([
      { event: 'user.invited', actor_id: admin.id, details: { role: 'admin' } },
    ]);
    expect((await post('/auth/login', { email: 'grace@example.org', password: PASSWORD })).statusCode).toBe(401);
  });

  it('mails again while the invitation is open, with what is given now, and the older link is void', async () => {
    const admin = await api.admin();
    const { id, email, token } = await invited(admin, { name: 'First' });
    const again = await invite(admin, { email, role: 'admin' });
    expect([again.statusCode, again.json()]).toEqual([
      200,
      expect.objectContaining({ id, name: 'First', role: 'admin' }),
    ]);
    expect(brief(await accept(token))).toEqual(INVALID);
    const newer = await mailOf(email, 'invitation');
    expect((await accept(newer.token)).statusCode).toBe(200);
    expect(brief(await invite(admin, { email }))).toEqual(TAKEN);
  });

  it('mails again after the link has run out, and after the cleanup of tokens', async () => {
    const admin = await api.admin();
    const { email, token } = await invited(admin);
    await api.sql(`update one_time_tokens set expires_at = now() - interval '30 days' where purpose = 'invitation'`);
    await removeExpired(api.app.ctx);
    expect(brief(await accept(token))).toEqual(INVALID);
    expect((await invite(admin, { email })).statusCode).toBe(200);
    expect((await accept((await mailOf(email, 'invitation')).token)).statusCode).toBe(200);
  });

  it('refuses an address that is taken, and that of a changed account, and mails nobody', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    const before = await api.sql(`select id from jobs where payload->>'to' = $1`, [user.email]);
    const refused = await invite(admin, { email: user.email });
    expect(brief(refused)).toEqual(TAKEN);
    expect(await api.sql(`select id from jobs where payload->>'to' = $1`, [user.email])).toEqual(before);
    const to = newAddress();
    await post('/auth/me/email', { email: to, password: PASSWORD }, user.access_token);
    const { token } = await mailOf(to, 'confirm_email_change');
    expect((await post('/auth/confirm-email-change', { token })).statusCode).toBe(200);
    expect(brief(await invite(admin, { email: user.email }))).toEqual(TAKEN);
  });

  it('opens one account if 8 administrators invite an address at once', async () => {
    const admins = await Promise.all(Array.from({ length: 8 }, () => api.admin()));
    const email = newAddress();
    const answers = await Promise.all(admins.map((admin) => invite(admin, { email })));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(7).fill(200), 201]);
    expect(await api.sql('select 1 from users where email = $1', [email])).toHaveLength(1);
    const mails = (await mailsTo(email)).filter(({ kind }) => kind === 'invitation');
    expect(mails).toHaveLength(1);
    expect((await accept(mails[0]?.token ?? '')).statusCode).toBe(200);
  });

  it('is for administrators', async () => {
    const user = await api.user();
    const email = newAddress();
    expect(brief(await invite(user, { email }))).toEqual([403, 'forbidden']);
    expect(await api.sql('select 1 from users where email = $1', [email])).toEqual([]);
  });
});
