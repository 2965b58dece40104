import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { smtpError } from '../../../helpers/smtp.ts';

const gone = new Set<string>();
const { api, mailOf, mailsTo } = await startMailingApi(
  { LIMIT_MAILS_PER_IP: '1000/1m' },
  {
    onRcptTo: ({ address }, _session, done) =>
      done(gone.has(address) ? smtpError(550, 'There is no such mailbox') : undefined),
  },
);
const NOTHING = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';
const post = (url: string, payload: object) => api.request({ method: 'POST', url, payload });
const list = async (token: string, query: string) => {
  const answer = await api.request({ url: `/mails${query}`, token });
  expect(answer.statusCode).toBe(200);
  return answer.json();
};
const retry = (token: string, id: string) => api.request({ method: 'POST', url: `/mails/${id}/retry`, token });
const brief = (answer: { statusCode: number; json: () => { code: string } }) => [answer.statusCode, answer.json().code];

describe('GET /mails', () => {
  it('tells what became of each mail, newest first, and nothing of its text, link or code', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    await post('/auth/forgot-password', { email: user.email });
    const reset = await mailOf(user.email, 'reset_password');
    const answer = await api.request({ url: `/mails?to=${user.email.toUpperCase()}`, token: admin.access_token });
    const [newest, older] = answer.json().items;
    expect(newest).toEqual({
      ...{ id: expect.any(String), kind: 'reset_password', to: user.email, locale: 'en', state: 'sent', attempts: 1 },
      ...{ last_error: null, created_at: expect.any(String), sent_at: expect.any(String) },
    });
    expect(older).toMatchObject({ kind: 'verify_email', state: 'sent' });
    expect(answer.json()).toMatchObject({ items: { length: 2 }, next_cursor: null });
    for (const secret of [reset.token, reset.code]) expect(answer.body).not.toContain(secret);
    const rows = await api.sql<{ id: string }>('select id::text from one_time_tokens where user_id = $1', [user.id]);
    for (const { id } of rows) expect(answer.body).not.toContain(id);
  });

  it('filters by state, address and kind, and goes on where a page ended', async () => {
    const admin = await api.admin();
    const { access_token: token } = admin;
    const [sent, waiting] = [await api.user(), 'waiting@example.com'];
    await mailsTo(sent.email);
    await api.user({ email: waiting });
    expect((await list(token, `?to=${waiting}&state=pending`)).items).toMatchObject([
      { state: 'pending', sent_at: null },
    ]);
    expect((await list(token, `?to=${waiting}&state=sent`)).items).toEqual([]);
    expect((await list(token, `?to=${sent.email}&state=sent`)).items).toHaveLength(1);
    expect((await list(token, '?kind=login_code')).items).toEqual([]);
    const kinds = (await list(token, '?kind=verify_email&limit=100')).items.map(({ kind }: { kind: string }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['verify_email']));
    expect((await list(token, '?to=no+address')).items).toEqual([]);
    const first = await list(token, '?limit=1');
    const second = await list(token, `?limit=1&cursor=${first.next_cursor}`);
    expect(second.items[0].id < first.items[0].id).toBe(true);
    const other = `select 1 from jobs where kind <> 'mail.send' and id = any($1::uuid[])`;
    const all = (await list(token, '?limit=100')).items.map(({ id }: { id: string }) => id);
    expect(await api.sql(other, [all])).toEqual([]);
    expect((await api.request({ url: '/mails?state=done', token })).statusCode).toBe(422);
  });
});

describe('POST /mails/{id}/retry', () => {
  it('has a dead mail sent again', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    gone.add(user.email);
    await mailsTo(user.email);
    const [dead] = (await list(admin.access_token, `?to=${user.email}&state=dead`)).items;
    expect(dead).toMatchObject({ state: 'dead', attempts: 1, sent_at: null });
    expect(dead.last_error).toContain('no such mailbox');
    gone.delete(user.email);
    const answer = await retry(admin.access_token, dead.id);
    expect([answer.statusCode, answer.body]).toEqual([202, '']);
    expect((await mailOf(user.email, 'verify_email')).token).not.toBe('');
    expect((await list(admin.access_token, `?to=${user.email}`)).items).toMatchObject([{ id: dead.id, state: 'sent' }]);
  });

  it('is a conflict for one that is not dead, and mail_not_found for other jobs and for nothing', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    await mailsTo(user.email);
    const [sent] = (await list(admin.access_token, `?to=${user.email}`)).items;
    const jobs = () => api.sql('select * from jobs order by id');
    await api.sql(`insert into jobs (id, kind, payload, max_attempts, state, finished_at)
      values ('${NOTHING.replace('019a', '019b')}', 'mail.request', '{}', 8, 'dead', now())`);
    const before = await jobs();
    expect(brief(await retry(admin.access_token, sent.id))).toEqual([409, 'conflict']);
    expect(brief(await retry(admin.access_token, NOTHING))).toEqual([404, 'mail_not_found']);
    expect(brief(await retry(admin.access_token, NOTHING.replace('019a', '019b')))).toEqual([404, 'mail_not_found']);
    expect(brief(await retry(user.access_token, sent.id))).toEqual([403, 'forbidden']);
    expect(await jobs()).toEqual(before);
  });
});
