import { describe, expect, it } from 'vitest';
import { startFactorApi } from '../../../helpers/authenticator.ts';

const { post, verified, enrol, challenge } = startFactorApi();

describe('POST /auth/me/recovery-codes', () => {
  it('gives ten new ones and ends the former ones', async () => {
    const user = await verified();
    const app = await enrol(user);
    const answer = await post('/auth/me/recovery-codes', {}, user.access_token);
    expect(answer.statusCode, answer.body).toBe(200);
    const [fresh] = answer.json().recovery_codes;
    expect(app.recovery_codes).not.toContain(fresh);
    const old = await post('/auth/mfa', { mfa_token: await challenge(user), recovery_code: app.recovery_codes[0] });
    expect(old.statusCode).toBe(401);
    const right = await post('/auth/mfa', { mfa_token: await challenge(user), recovery_code: fresh });
    expect(right.statusCode).toBe(200);
  });

  it('answers factor_not_found without a factor', async () => {
    const user = await verified();
    const answer = await post('/auth/me/recovery-codes', {}, user.access_token);
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'factor_not_found']);
  });
});
