import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../../src/app/context.ts';
import { inTransaction } from '../../../../src/app/database.ts';
import * as oneTimeTokens from '../../../../src/app/services/auth/one-time-tokens.ts';
import type { Notice } from '../../../../src/app/services/system/mail-kinds.ts';
import { notify, queueMail } from '../../../../src/app/services/system/mail-queue.ts';
import type { EmailAddress } from '../../../../src/app/utils/emails.ts';
import { PASSWORD, startApi, type TestUser } from '../../../helpers/api.ts';
import { makeDue } from '../../../helpers/jobs.ts';
import { tokenIn, workOff } from '../../../helpers/mails.ts';
import { smtpError, startSmtp } from '../../../helpers/smtp.ts';

/** What the server answers to a mail, if it does not take it. */
let refusal: Error | undefined;
const server = await startSmtp({ beforeTaken: async () => refusal && Promise.reject(refusal) });
const api = startApi({ SMTP_URL: server.url, PUBLIC_URL: 'https://api.example.com', DEFAULT_LOCALE: 'it' });

beforeEach(() => {
  refusal = undefined;
  server.mails.length = 0;
});
afterAll(() => server.close());

const context = (client: Partial<RequestContext['client']> = {}): RequestContext => ({
  ...api.app.ctx,
  request_id: 'test',
  client: { ip: '203.0.113.7', user_agent: null, ...client },
  actor: null,
  reportQuota: () => {},
});
/** Of its mails the registration's own is not one. */
const newUser = async (role: 'user' | 'admin' = 'user'): Promise<TestUser> => {
  const user = await api[role]();
  await api.sql(`delete from jobs where payload->>'kind' = 'verify_email'`);
  return user;
};
const addressee = (user: TestUser) => ({ id: user.id, email: user.email as EmailAddress });
const reset = (user: TestUser) =>
  oneTimeTokens.issue(api.app.ctx, {
    ...{ user_id: user.id, email: user.email as EmailAddress, purpose: 'reset_password' },
    lifeSeconds: 3600,
    codeLifeSeconds: 600,
  });
const states = () =>
  api.sql<{ state: string; attempts: number; last_error: string | null }>(
    `select state, attempts, last_error from jobs where kind = 'mail.send' order by id desc limit 1`,
  );

describe('a queued mail', () => {
  it('carries the link and the code of its token, which stand in no table', async () => {
    const user = await newUser();
    const token_id = await reset(user);
    await queueMail(context(), 'reset_password', addressee(user), { token_id });
    expect(await workOff(api)).toBe(1);
    const [mail] = server.mails;
    expect(mail?.recipients).toEqual([user.email]);
    const text = mail?.message.text ?? '';
    const token = tokenIn(text);
    expect(text).toContain(`https://api.example.com/account/reset-password#token=${token}`);
    const code = /^\d{8}$/m.exec(text)?.[0] ?? '';
    const proof = { email: user.email, code };
    expect(await oneTimeTokens.prove(api.app.ctx, 'reset_password', { token })).toMatchObject({ id: token_id });
    expect(await oneTimeTokens.prove(api.app.ctx, 'reset_password', proof)).toMatchObject({ id: token_id });
    const [dump] = await api.sql<{ rows: string }>(
      `select (select jsonb_agg(jobs)::text from jobs) || (select jsonb_agg(one_time_tokens)::text from one_time_tokens) as rows`,
    );
    for (const secret of [token, code]) expect((dump?.rows ?? '') + JSON.stringify(api.logs)).not.toContain(secret);
  });

  it('whose token is void meanwhile is not sent', async () => {
    const user = await newUser();
    await queueMail(context(), 'reset_password', addressee(user), { token_id: await reset(user) });
    await queueMail(context(), 'reset_password', addressee(user), { token_id: await reset(user) });
    await workOff(api);
    expect(server.mails).toHaveLength(1);
  });

  it('is gone if the change is rolled back', async () => {
    const user = await newUser();
    const failed = inTransaction(context(), async (ctx) => {
      await notify(ctx, 'password.changed', addressee(user));
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await workOff(api)).toBe(0);
  });

  it.each([
    ['the account', { locale: 'pl' as const }, 'de', 'Nowe logowanie'],
    ['the request', {}, 'tlh, de-AT;q=0.9', 'Neue Anmeldung'],
    ['the configuration', {}, 'tlh', 'Nuovo accesso'],
  ])('is in the language of %s', async (_source, account, accept_language, subject) => {
    const user = await newUser();
    await notify(context({ accept_language }), 'session.new_device', { ...addressee(user), ...account });
    await workOff(api);
    expect(server.mails[0]?.message.subject).toContain(subject);
  });

  it('comes again under its id after a 4xx, and is dead after a 5xx', async () => {
    const user = await newUser();
    await notify(context(), 'password.changed', addressee(user));
    refusal = smtpError(451, 'come back later');
    await workOff(api);
    expect(await states()).toMatchObject([
      { state: 'pending', attempts: 1, last_error: expect.stringMatching(/^451 /) },
    ]);
    refusal = smtpError(550, 'no such mailbox');
    await makeDue(api);
    await workOff(api);
    expect(await states()).toMatchObject([{ state: 'dead', attempts: 2, last_error: expect.stringMatching(/^550 /) }]);
    expect(server.mails).toEqual([]);
  });

  it('is counted by what became of it', async () => {
    const { values } = api.app.ctx.metrics.mails_total;
    const before = { ...values };
    const user = await newUser();
    for (const error of [undefined, smtpError(451, 'later'), smtpError(550, 'never')]) {
      refusal = error;
      await notify(context(), 'password.changed', addressee(user));
      await workOff(api);
    }
    expect(values).toEqual({ sent: before.sent + 1, deferred: before.deferred + 1, rejected: before.rejected + 1 });
  });
});

describe('a notice', () => {
  const NEW_PASSWORD = 'another horse battery staple';
  const notices = async (): Promise<string[]> => {
    await workOff(api);
    return server.mails.map(({ recipients, message }) => `${recipients.join()}: ${message.subject}`);
  };
  const login = (email: string, agent: string) =>
    api.request({
      method: 'POST',
      url: '/auth/login',
      headers: { 'user-agent': agent, 'accept-language': 'en' },
      payload: { email, password: PASSWORD },
    });

  it('tells of a changed password, with a link that secures the account', async () => {
    const user = await newUser();
    const payload = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    const wrong = { ...payload, current_password: NEW_PASSWORD };
    await api.request({ method: 'POST', url: '/auth/me/password', token: user.access_token, payload: wrong });
    expect(await notices()).toEqual([]);
    await api.request({ method: 'POST', url: '/auth/me/password', token: user.access_token, payload });
    expect(await notices()).toHaveLength(1);
    const token = tokenIn(server.mails[0]?.message.text ?? '');
    expect(await oneTimeTokens.prove(api.app.ctx, 'secure_account', { token })).toMatchObject({ user_id: user.id });
  });

  it('tells of a device that the account did not know, and not of its first one or a known one', async () => {
    const user = await newUser();
    expect(await notices()).toEqual([]);
    const firefox = 'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0';
    await login(user.email, firefox);
    expect(await notices()).toEqual([expect.stringMatching(/New sign-in/)]);
    expect(server.mails[0]?.message.text).toContain('Firefox on Windows');
    await login(user.email, firefox);
    expect(await notices()).toHaveLength(1);
  });

  it('L10: comes to a mailbox that nobody proved twenty times a day, whatever its account does', async () => {
    const user = await newUser();
    let [password, next] = [PASSWORD, NEW_PASSWORD];
    for (let time = 0; time < 12; time++) {
      const payload = { current_password: password, new_password: next };
      const changed = { method: 'POST', url: '/auth/me/password', token: user.access_token, payload } as const;
      expect((await api.request(changed)).statusCode).toBe(204);
      [password, next] = [next, password];
      await notify(context(), 'session.new_device', addressee(user));
    }
    expect(await notices()).toHaveLength(20);
    expect(api.logs.filter(({ event }) => event === 'mail.withheld')).toHaveLength(4);
    await api.sql(`update rate_limits set expires_at = expires_at - interval '1 h' where key like 'told-%'`);
    await notify(context(), 'password.changed', addressee(user));
    expect(await notices()).toHaveLength(20);
  });

  it('L10: comes to a proved mailbox ten times an hour of each kind, and forty times of all', async () => {
    const user = await newUser();
    await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
    const tell = async (...events: Notice[]): Promise<number> => {
      for (const event of events) await notify(context(), event, addressee(user));
      return (await notices()).length;
    };
    expect(await tell(...Array<Notice>(12).fill('password.changed'))).toBe(10);
    expect(await tell('factor.added', 'factor.removed')).toBe(12);
    for (const event of ['passkey.added', 'passkey.removed', 'identity.linked'] as const)
      await tell(...Array<Notice>(10).fill(event));
    expect(await notices()).toHaveLength(40);
    expect(await tell('password.reset')).toBe(40);
  });

  it('L10: of an open registration is bounded too, when its account comes and goes', async () => {
    const email = 'come-and-go@example.com';
    for (let time = 0; time < 14; time++) {
      const { access_token: token } = await api.user({ email });
      const closing = { method: 'DELETE', url: '/auth/me', token, payload: { password: PASSWORD } } as const;
      expect((await api.request(closing)).statusCode).toBe(204);
      await workOff(api);
      await api.sql('delete from users where email = $1', [email]);
    }
    expect(server.mails.length).toBeLessThanOrEqual(20);
  });

  it('tells whom an administrator disables or deletes, and not where the administrator was', async () => {
    const admin = await newUser('admin');
    const user = await newUser();
    const change = (method: 'PATCH' | 'DELETE', payload?: object) =>
      api.request({ method, url: `/users/${user.id}`, token: admin.access_token, ...(payload && { payload }) });
    await change('PATCH', { is_active: false });
    await change('PATCH', { name: 'Ada' });
    await change('DELETE');
    expect((await notices()).sort()).toEqual([
      expect.stringMatching(new RegExp(`^${user.email}: .*disattivato`)),
      expect.stringMatching(new RegExp(`^${user.email}: .*eliminato`)),
    ]);
    for (const { message } of server.mails) expect(message.text).not.toContain('127.0.0.1');
    const deleted = server.mails.find(({ message }) => message.subject?.includes('eliminato'));
    expect(deleted?.message.text).not.toContain('#token=');
  });

  it('tells of a session that ended because its token was used twice', async () => {
    const user = await newUser();
    const refresh = () =>
      api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token: user.refresh_token } });
    await refresh();
    await api.sql(`update sessions set refreshed_at = now() - interval '1 h' where user_id = $1`, [user.id]);
    await Promise.all([refresh(), refresh()]);
    expect(await notices()).toHaveLength(1);
  });

  it('is not sent with SECURITY_MAILS=false', async () => {
    const user = await newUser();
    const ctx = { ...context(), config: { ...api.config, security_mails: false } };
    await notify(ctx, 'password.changed', addressee(user));
    expect(await notices()).toEqual([]);
  });
});
