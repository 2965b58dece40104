import { describe, expect, it } from 'vitest';
import { startMailingApi } from '../helpers/account-mails.ts';
import { PASSWORD } from '../helpers/api.ts';

const { api, mailOf, mailsTo } = await startMailingApi({
  ...{ LIMIT_MAILS_PER_IP: '1000/1m', LIMIT_MAILS_PER_MAILBOX: '100/1h' },
  PUBLIC_URL: 'https://api.example.com',
});
const post = (url: string, payload: object, more: { token?: string; headers?: Record<string, string> } = {}) =>
  api.request({ method: 'POST', url, payload, ...more });
const verified = async () => {
  const user = await api.user();
  await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
  return user;
};

/** Requests by an address, and what each mails to whom. */
const REQUESTS: readonly [url: string, mails: Record<string, string[]>][] = [
  ['/auth/forgot-password', { known: ['reset_password'], unverified: ['reset_password'] }],
  ['/auth/request-verify-token', { unverified: ['verify_email'] }],
  ['/auth/login-codes', { known: ['login_code'], unverified: ['login_code'] }],
];

describe('a request by an address', () => {
  it.each(REQUESTS)(
    '%s is answered in the same bytes for a known, an unknown, an unverified and a disabled one',
    async (url, mails) => {
      const disabled = await verified();
      await api.sql('update users set is_active = false where id = $1', [disabled.id]);
      const emails = {
        known: (await verified()).email,
        unverified: (await api.user()).email,
        disabled: disabled.email,
        unknown: 'nobody@example.org',
      };
      await api.sql(`delete from jobs where kind = 'mail.send'`);
      await api.sql('delete from rate_limits');
      const seen: unknown[] = [];
      for (const [index, email] of Object.values(emails).entries()) {
        const remoteAddress = `203.0.113.${index + 1}`;
        const answer = await api.request({ method: 'POST', url, payload: { email }, remoteAddress });
        const { 'x-request-id': _id, date: _date, ...headers } = answer.headers;
        seen.push({ status: answer.statusCode, headers, body: answer.body });
      }
      expect(seen[0]).toMatchObject({ status: 202, body: '' });
      for (const one of seen) expect(one).toEqual(seen[0]);
      for (const [name, email] of Object.entries(emails))
        expect([name, (await mailsTo(email)).map(({ kind }) => kind)]).toEqual([name, mails[name] ?? []]);
    },
  );

  it.each(REQUESTS)('%s is refused in the same bytes, known or not', async (url) => {
    const emails = [(await verified()).email, (await api.user()).email, `no-${url.length}@example.org`];
    const seen: unknown[] = [];
    for (const [index, email] of emails.entries()) {
      const ask = () =>
        api.request({ method: 'POST', url, payload: { email }, remoteAddress: `203.0.113.${100 + index}` });
      await ask();
      const { statusCode, body, headers } = await ask();
      seen.push([statusCode, body.replace(String(headers['x-request-id']), '')]);
    }
    expect(seen[0]).toEqual([429, expect.stringContaining('rate_limited')]);
    for (const one of seen) expect(one).toEqual(seen[0]);
  });
});

describe('a link in a mail', () => {
  it('L6: begins with PUBLIC_URL, whatever Host and X-Forwarded-* say', async () => {
    const user = await verified();
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/evil',
      forwarded: 'host=evil.example;proto=http',
      origin: 'https://evil.example',
      referer: 'https://evil.example/',
    };
    const to = 'evil-target@example.org';
    await post('/auth/forgot-password', { email: user.email }, { headers });
    await post('/auth/login-codes', { email: user.email }, { headers });
    await post('/auth/me/email', { email: to, password: PASSWORD }, { token: user.access_token, headers });
    const admin = await api.admin();
    await post('/users/invitations', { email: 'evil-guest@example.org' }, { token: admin.access_token, headers });
    const mails = [
      ...(await mailsTo(user.email)),
      await mailOf(to, 'confirm_email_change'),
      await mailOf('evil-guest@example.org', 'invitation'),
    ];
    const kinds = mails.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(['reset_password', 'login_code', 'email_change_notice', 'verify_email']),
    );
    for (const { text } of mails) {
      expect(text).not.toMatch(/evil\.example(?!\.)/);
      const links = text.match(/https?:\/\/\S+/g) ?? [];
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) expect(link).toMatch(/^https:\/\/api\.example\.com\/account\b/);
    }
  });
});

describe('the record of mailed proofs', () => {
  it('L28: has an event of each step, without a secret or an address, and takes no change', async () => {
    const user = await verified();
    const to = 'recorded@example.org';
    await post('/auth/me/email', { email: to, password: PASSWORD }, { token: user.access_token });
    const confirmation = await mailOf(to, 'confirm_email_change');
    const notice = await mailOf(user.email, 'email_change_notice');
    await post('/auth/confirm-email-change', { token: confirmation.token });
    await post('/auth/undo-email-change', { token: notice.token });
    const reset = await mailOf(user.email, 'reset_password');
    await post('/auth/reset-password', { token: reset.token, password: 'another horse, another staple' });
    await post('/auth/login-codes', { email: user.email });
    const code = await mailOf(user.email, 'login_code');
    await post('/auth/login-codes/verify', { email: user.email, code: code.code });
    const rows = await api.sql<{ event: string }>('select * from audit_events where subject_id = $1 order by id', [
      user.id,
    ]);
    const events = rows.map(({ event }) => event);
    for (const event of [
      ...['email.change_requested', 'email.changed', 'email.change_undone', 'sessions.ended'],
      ...['password.reset', 'login_code.requested', 'session.started'],
    ])
      expect(events).toContain(event);
    const text = JSON.stringify(rows);
    for (const secret of [confirmation.token, confirmation.code, notice.token, reset.token, code.code, to, user.email])
      expect(text).not.toContain(secret);
    for (const change of [
      'update audit_events set event = $1 where subject_id = $2',
      'delete from audit_events where event <> $1 and subject_id = $2',
    ])
      await expect(api.sql(change, ['x', user.id])).rejects.toThrow('append-only');
    expect(await api.sql('select * from audit_events where subject_id = $1 order by id', [user.id])).toEqual(rows);
  });
});
