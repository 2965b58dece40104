import { expect, it } from 'vitest';
import { codeOfStep, fromBase32, stepsAt } from '../../src/app/services/auth/factors/totp.ts';
import { en } from '../../src/web/pages/texts/en.ts';
import { PASSWORD, startApi } from '../helpers/api.ts';

const api = startApi({ MFA_REQUIRED_FOR: 'admins', RATE_LIMITS: 'false' });
const texts = en({ product: 'Back API', shortest: 8 });
const hiddenIn = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
const post = (page: string, fields: Record<string, string>) =>
  api.request({
    method: 'POST',
    url: `/account/${page}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    payload: new URLSearchParams(fields).toString(),
  });

it('an account that must have a second factor sets it up on the way in, and is signed in by its first code', async () => {
  const { id, email } = await api.user();
  await api.sql("update users set email_verified_at = now(), role = 'admin' where id = $1", [id]);
  await api.sql('delete from sessions where user_id = $1', [id]);
  const asked = await post('sign-in', { email, password: PASSWORD });
  expect([asked.statusCode, asked.headers['set-cookie']]).toEqual([200, undefined]);
  expect(asked.body).toContain(texts.enrollment.text);
  const shown = await post('enroll', { mfa_token: hiddenIn(asked.body, 'mfa_token') });
  const secret = (/<code>([^<]+)<\/code>/.exec(shown.body)?.[1] ?? '').replaceAll(' ', '');
  const code = codeOfStep(fromBase32(secret), stepsAt(new Date())[0] ?? 0);
  const step = { factor_id: hiddenIn(shown.body, 'factor_id'), mfa_token: hiddenIn(shown.body, 'mfa_token') };
  expect(await api.sql('select 1 from sessions where user_id = $1', [id])).toEqual([]);
  const active = await post('activate-authenticator', { ...step, code });
  expect([active.statusCode, active.body.match(/<li><code>/g)?.length]).toEqual([200, 10]);
  const cookie = String(active.headers['set-cookie']).split(';')[0] ?? '';
  const account = await api.request({ url: '/account', headers: { cookie } });
  expect([account.statusCode, account.body.replaceAll('<wbr>', '').includes(email)]).toEqual([200, true]);
  expect((await post('activate-authenticator', { ...step, code })).statusCode).toBe(401);
});
