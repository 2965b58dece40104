import { describe, expect, it } from 'vitest';
import { MAIL_KINDS } from '../../src/app/services/system/mail-kinds.ts';
import { SAMPLE_TOKEN } from '../../src/app/services/system/mail-samples.ts';
import { startMailingApi } from '../helpers/account-mails.ts';

const { api, mailOf } = await startMailingApi({
  CONSOLE_ENABLED: 'true',
  RATE_LIMITS: 'true',
  PUBLIC_URL: 'https://api.example.com',
});
const sample = (query: string, token: string) => api.request({ url: `/console/mail-sample.json?${query}`, token });
const test = (token: string) => api.request({ method: 'POST', url: '/console/test-mail', token });

describe('the preview of a mail', () => {
  it('is written in its language, and no link of it has a token', async () => {
    const { access_token: token } = await api.admin();
    for (const kind of MAIL_KINDS) {
      const answer = await sample(`kind=${kind}&locale=de`, token);
      expect([kind, answer.statusCode]).toEqual([kind, 200]);
      expect(answer.body).not.toContain(SAMPLE_TOKEN);
      for (const [, rest] of answer.json().text.matchAll(/#token=(.*)/g)) expect(rest).toBe('…');
    }
    const { subject, text, html, kinds } = (await sample('kind=reset_password&locale=de', token)).json();
    expect(subject).toMatch(/^Neues Passwort für /);
    expect(text).toContain('https://api.example.com/account/reset-password#token=…\n');
    expect(html).toMatch(/^<!doctype html>\n<html lang="de">/);
    expect(kinds).toEqual(MAIL_KINDS);
  });

  it('of no known kind or language does not exist, and a user reads none', async () => {
    const [{ access_token: token }, user] = [await api.admin(), await api.user()];
    const codes = await Promise.all(
      ['kind=newsletter', 'kind=test&locale=tlh', ''].map(async (query) => (await sample(query, token)).statusCode),
    );
    expect(codes).toEqual([422, 422, 422]);
    expect((await sample('kind=test', user.access_token)).statusCode).toBe(403);
  });
});

describe('a test mail', () => {
  it('goes to the administrator’s own address by the ordinary way, once a minute, and is recorded', async () => {
    const { access_token: token, email, id } = await api.admin();
    const answers = [await test(token), await test(token)];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 429]);
    const mail = await mailOf(email, 'test');
    expect(mail.text).toContain('https://api.example.com/account');
    expect(
      await api.sql(
        `select actor_id, subject_id, details from audit_events where event = 'mail.tested' and actor_id = $1`,
        [id],
      ),
    ).toEqual([{ actor_id: id, subject_id: null, details: {} }]);
    expect(await api.sql(`select 1 from jobs where payload->>'kind' = 'test'`)).toHaveLength(1);
  });

  it('is for administrators alone: a user’s call queues none', async () => {
    const { access_token: token, email } = await api.user();
    expect((await test(token)).statusCode).toBe(403);
    expect(
      await api.sql(`select 1 from jobs where payload->>'kind' = 'test' and payload->>'to' = $1`, [email]),
    ).toEqual([]);
  });
});
