import { afterAll, describe, expect, it } from 'vitest';
import { jobs } from '../../src/app/jobs/index.ts';
import { derive } from '../../src/app/services/auth/one-time-tokens.ts';
import type { QueuedMail } from '../../src/app/services/system/mail-queue.ts';
import { runDueJobs } from '../../src/app/services/system/worker.ts';
import { PASSWORD, tokenForm } from '../helpers/api.ts';
import { startFactorApi } from '../helpers/authenticator.ts';
import { startIssuers } from '../helpers/issuer.ts';
import { operations } from '../helpers/operations.ts';
import { browserOf, settingsOf } from '../helpers/social.ts';

const issuers = await startIssuers();
afterAll(() => issuers.stop());
const { api, post, verified, enrol } = startFactorApi({ EMAIL_LOGIN: 'true', ...settingsOf(issuers) });
const browser = browserOf(api, issuers);
const all = await operations();

/** Routes that answer a pair without a second factor, and why no account is opened by them. */
const NO_WAY_IN: Readonly<Record<string, string>> = {
  'POST /auth/register': 'opens a new account, which has no factor',
  'POST /auth/refresh': 'goes on with a session that passed the gate',
  'POST /auth/mfa': 'is the second factor',
  'POST /auth/me/factors/:id/activate': 'proves the first code of the factor',
  'POST /auth/passkeys/login': 'is both factors at once: the user is verified',
  'POST /auth/me/passkeys': 'proves the first passkey, which verified its user',
};

/** How each way in is walked by an account; gives the answer. */
const WAYS_IN: Readonly<Record<string, (user: { id: string; email: string }) => ReturnType<typeof post>>> = {
  'POST /auth/login': ({ email }) => post('/auth/login', { email, password: PASSWORD }),
  'POST /auth/token': ({ email }) =>
    api.request(tokenForm({ grant_type: 'password', username: email, password: PASSWORD })),
  'POST /auth/login-codes/verify': async ({ email }) => {
    await post('/auth/login-codes', { email });
    return post('/auth/login-codes/verify', { token: await mailedToken(email, 'login_code') });
  },
  'POST /auth/oauth/exchange': ({ id, email }) => browser.signIn('corp', { sub: id, email, email_verified: true }),
  'POST /auth/oauth/:provider/id-token': async ({ id, email }) => {
    const id_token = await issuers.idToken('corp', { sub: id, email, email_verified: true }, 'n');
    return browser.idToken('corp', { id_token, nonce: 'n' });
  },
  'POST /auth/accept-invitation': async ({ id, email }) => {
    const admin = await api.admin();
    // An account that was secured after its factor was set up: nothing but an invitation opens it.
    await api.sql(`update users set email = 'kept-' || email where id = $1`, [id]);
    await post('/users/invitations', { email }, admin.access_token);
    const [invited] = await api.sql<{ id: string }>('select id from users where email = $1', [email]);
    await api.sql('update users set has_factor = true where id = $1', [invited?.id]);
    return post('/auth/accept-invitation', { token: await mailedToken(email, 'invitation'), password: PASSWORD });
  },
};

/** The token of the newest mail of a kind, as the mail has it. */
async function mailedToken(email: string, kind: string): Promise<string> {
  const handlers = jobs.handlers.filter((handler) => handler.kind === 'mail.request');
  await runDueJobs(api.app.ctx, { handlers, schedules: [] });
  const [job] = await api.sql<{ payload: QueuedMail }>(
    `select payload from jobs where kind = 'mail.send' and payload->>'to' = $1 and payload->>'kind' = $2 order by id desc`,
    [email, kind],
  );
  const token = await derive(api.app.ctx, job?.payload.token_id ?? '');
  if (token === undefined) throw new Error(`no ${kind} was queued for ${email}`);
  return token.token.reveal();
}

describe('the gate of the second factor', () => {
  it('L11: stands before every route that answers a pair', () => {
    const titleOf = (schema: unknown): unknown =>
      typeof schema === 'object' && schema !== null && 'title' in schema ? schema.title : undefined;
    const withPair = all.filter(({ schema }) =>
      Object.values(schema.response ?? {}).some((answer) =>
        ['TokenPair', 'ActivatedFactor', 'CreatedPasskey'].includes(String(titleOf(answer))),
      ),
    );
    expect(withPair.map(({ name }) => name).sort()).toEqual(
      [...Object.keys(WAYS_IN), ...Object.keys(NO_WAY_IN)].sort(),
    );
  });

  it.each(Object.entries(WAYS_IN))('L11: %s starts no session of an account with a factor', async (_name, walk) => {
    const user = await verified();
    await enrol(user);
    const before = await api.sql('select from sessions');
    const answer = await walk(user);
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'mfa_required']);
    expect(answer.body).not.toContain('access_token');
    // The administrator who invites has a session of their own.
    const own = await api.sql('select from sessions where user_id = $1', [user.id]);
    expect(own).toHaveLength(1);
    expect(before.length).toBeGreaterThan(0);
  });
});
