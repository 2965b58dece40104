import { describe, expect, it } from 'vitest';
import { type Entry, importAll, type Rejection } from '../../../../src/app/services/admin/user-import.ts';
import { newId } from '../../../../src/app/utils/ids.ts';
import { startMailingApi } from '../../../helpers/account-mails.ts';
import { PASSWORD, type TestUser } from '../../../helpers/api.ts';
import { PASSKEY_SQL } from '../../../helpers/asking-operations.ts';
import { IDENTITY_SQL } from '../../../helpers/login-methods.ts';
import { startReplica } from '../../../helpers/replicas.ts';

const { api, mailOf, mailsTo } = await startMailingApi({ LIMIT_MAILS_PER_IP: '1000/1m', SECURITY_MAILS: 'false' });
/** The same accounts under EMAIL_VERIFICATION=required. */
const strict = startReplica(api, { email_verification: 'required' });
/** The same accounts with SECURITY_MAILS=true. */
const noticing = startReplica(api, { security_mails: true });
const NEW_PASSWORD = 'another horse, another staple';
const INVALID = [400, 'one_time_token_invalid'];
let count = 0;

const post = (url: string, payload: object, token?: string) =>
  api.request({ method: 'POST', url, payload, ...(token !== undefined && { token }) });
const change = (user: TestUser, email: string, password: string | undefined = PASSWORD) =>
  post('/auth/me/email', { email, password }, user.access_token);
const confirm = (payload: object) => post('/auth/confirm-email-change', payload);
const undo = (token: string) => post('/auth/undo-email-change', { token });
const login = (email: string, password = PASSWORD) => post('/auth/login', { email, password });
const newAddress = () => `changed-${++count}@example.org`;
const verified = async () => {
  const user = await api.user();
  await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
  return user;
};
/** Asks for an address, and gives the mails of both mailboxes. */
const ask = async (user: TestUser, from = user.email) => {
  const to = newAddress();
  expect((await change(user, to)).statusCode).toBe(202);
  const confirmation = await mailOf(to, 'confirm_email_change');
  return { to, confirmation, notice: await mailOf(from, 'email_change_notice') };
};
const rowOf = async (id: string) =>
  (
    await api.sql(
      `select email, email_verified_at is not null as verified, password_hash is not null as password,
              (select count(*)::int from sessions where user_id = users.id) as sessions from users where id = $1`,
      [id],
    )
  )[0];
const eventsOf = async (id: string): Promise<string[]> =>
  (await api.sql<{ event: string }>('select event from audit_events where subject_id = $1 order by id', [id])).map(
    ({ event }) => event,
  );
const brief = (answer: { statusCode: number; json: () => { code: string } }) => [answer.statusCode, answer.json().code];

describe('POST /auth/me/email', () => {
  it('mails the new address a link and a code, and the present one the way back, and changes nothing yet', async () => {
    const user = await verified();
    const before = await rowOf(user.id);
    const answer = await change(user, ' Grace@EXAMPLE.org ');
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({ pending_email: 'grace@example.org', expires_at: expect.any(String) });
    const hours = (Date.parse(answer.json().expires_at) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThan(24.1);
    const confirmation = await mailOf('grace@example.org', 'confirm_email_change');
    expect([confirmation.code, confirmation.text]).toEqual([
      expect.stringMatching(/^\d{8}$/),
      expect.stringContaining('/account/confirm-email-change#token='),
    ]);
    const notice = await mailOf(user.email, 'email_change_notice');
    expect([notice.code, notice.text]).toEqual(['', expect.stringContaining('/account/undo-email-change#token=')]);
    expect(notice.text).toContain('grace@example.org');
    expect(await rowOf(user.id)).toEqual(before);
    expect((await eventsOf(user.id)).at(-1)).toBe('email.change_requested');
  });

  it('answers alike for an address that is taken, mails its owner, and ends the change that was pending', async () => {
    const [user, owner] = [await verified(), await api.user()];
    const first = await ask(user);
    const free = newAddress();
    const answers = [await change(user, owner.email), await change(user, free)];
    for (const [index, answer] of answers.entries()) {
      expect(answer.statusCode).toBe(202);
      expect(answer.json()).toEqual({ pending_email: [owner.email, free][index], expires_at: expect.any(String) });
    }
    expect(answers[0]?.body.length).toBe((answers[1]?.body.length ?? 0) + owner.email.length - free.length);
    expect((await mailsTo(owner.email)).map(({ kind }) => kind)).toEqual(['address_taken', 'verify_email']);
    const toUser = (await mailsTo(user.email)).filter(({ kind }) => kind === 'email_change_notice');
    expect(toUser).toHaveLength(3);
    expect(brief(await confirm({ token: first.confirmation.token }))).toEqual(INVALID);
    const events = (await eventsOf(user.id)).filter((event) => event === 'email.change_requested');
    expect(events).toHaveLength(3);
  });

  it('ends the former pending change also if the new address is taken: otherwise it would tell', async () => {
    const [user, owner] = [await verified(), await api.user()];
    const first = await ask(user);
    expect((await change(user, owner.email)).statusCode).toBe(202);
    expect(brief(await confirm({ token: first.confirmation.token }))).toEqual(INVALID);
  });

  it('refuses a wrong password, and nothing is mailed', async () => {
    const user = await verified();
    const to = newAddress();
    const refused = await change(user, to, 'wrong password');
    expect(brief(refused)).toEqual([401, 'invalid_credentials']);
    expect(await mailsTo(to)).toEqual([]);
    expect((await mailsTo(user.email)).map(({ kind }) => kind)).toEqual(['verify_email']);
    expect(await eventsOf(user.id)).not.toContain('email.change_requested');
  });

  it('A27: takes a session that was proved in the last five minutes in the place of the password, and no older one', async () => {
    const user = await verified();
    const bare = (email: string) => post('/auth/me/email', { email }, user.access_token);
    expect((await bare(newAddress())).statusCode).toBe(202);
    await api.sql(`update sessions set authenticated_at = now() - interval '301 s' where user_id = $1`, [user.id]);
    const late = newAddress();
    expect(brief(await bare(late))).toEqual([403, 'reauthentication_required']);
    expect(await mailsTo(late)).toEqual([]);
  });

  it('L10: is mailed once a minute to one mailbox, whether or not it is taken, and a refusal supersedes nothing', async () => {
    const owner = await api.user();
    for (const email of [newAddress(), owner.email]) {
      const users = await Promise.all(Array.from({ length: 6 }, verified));
      const answers = await Promise.all(users.map((user) => change(user, email)));
      expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([202, ...Array(5).fill(429)]);
    }
    const user = await verified();
    const { to, confirmation } = await ask(user);
    expect((await change(user, to)).statusCode).toBe(429);
    expect((await confirm({ token: confirmation.token })).statusCode).toBe(200);
  });

  it('refuses what is no address, and an unknown field', async () => {
    const user = await api.user();
    expect((await change(user, 'ada@example.com, eve@example.com')).statusCode).toBe(422);
    const surplus = await post('/auth/me/email', { email: newAddress(), password: PASSWORD, x: 1 }, user.access_token);
    expect(surplus.statusCode).toBe(422);
  });
});

describe('POST /auth/confirm-email-change', () => {
  it.each(['link', 'code'])('takes the new address by a %s, once, and ends no session', async (form) => {
    const user = await verified();
    const { to, confirmation } = await ask(user);
    const proof = form === 'link' ? { token: confirmation.token } : { email: to, code: confirmation.code };
    const answer = await confirm(proof);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ id: user.id, email: to, email_verified: true });
    expect(await rowOf(user.id)).toEqual({ email: to, verified: true, password: true, sessions: 1 });
    expect((await api.request({ url: '/auth/me', token: user.access_token })).json().email).toBe(to);
    expect((await login(user.email)).statusCode).toBe(401);
    expect((await login(to)).statusCode).toBe(200);
    expect(await eventsOf(user.id)).toContain('email.changed');
    expect(brief(await confirm(proof))).toEqual(INVALID);
  });

  it('tells both mailboxes of a confirmed change', async () => {
    const user = await verified();
    const { to, confirmation } = await ask(user);
    const answer = await noticing.request({
      method: 'POST',
      url: '/auth/confirm-email-change',
      payload: { token: confirmation.token },
    });
    expect(answer.statusCode).toBe(200);
    for (const email of [user.email, to]) {
      const notice = await mailOf(email, 'notice.email.changed');
      expect(notice.text).toContain(to);
      expect(notice.text).toContain('/account/secure-account#token=');
    }
  });

  it('L1: succeeds once of 16 at the same time', async () => {
    const user = await verified();
    const { confirmation } = await ask(user);
    const answers = await Promise.all(Array.from({ length: 16 }, () => confirm({ token: confirmation.token })));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(15).fill(400)]);
    expect((await eventsOf(user.id)).filter((event) => event === 'email.changed')).toHaveLength(1);
  });

  it('gives an address that several asked for to the first one, and the others learn that it is taken', async () => {
    const users = await Promise.all(Array.from({ length: 4 }, verified));
    const email = newAddress();
    const mails: { token: string; code: string }[] = [];
    for (const user of users) {
      await api.sql('delete from rate_limits');
      expect((await change(user, email)).statusCode).toBe(202);
      mails.push(await mailOf(email, 'confirm_email_change'));
    }
    const answers = await Promise.all(mails.map(({ code }) => confirm({ email, code })));
    const codes = answers.map(({ statusCode }) => statusCode).sort();
    expect(codes[0]).toBe(200);
    expect(codes.slice(1).every((code) => code === 409)).toBe(true);
    expect(await api.sql('select 1 from users where email = $1', [email])).toHaveLength(1);
  });

  it('L2: takes no token that is used up by time, of another purpose, or of a disabled account', async () => {
    const [user, late] = [await verified(), await verified()];
    const { confirmation, notice } = await ask(user);
    expect(brief(await confirm({ token: notice.token }))).toEqual(INVALID);
    expect(brief(await undo(confirmation.token))).toEqual(INVALID);
    expect(brief(await post('/auth/verify', { token: confirmation.token }))).toEqual(INVALID);
    const other = await ask(late);
    await api.sql(`update one_time_tokens set expires_at = now() - interval '1 second' where user_id = $1`, [late.id]);
    expect(brief(await confirm({ token: other.confirmation.token }))).toEqual(INVALID);
    await api.sql('update users set is_active = false where id = $1', [user.id]);
    expect(brief(await confirm({ token: confirmation.token }))).toEqual(INVALID);
    expect(await rowOf(user.id)).toMatchObject({ email: user.email });
    expect(await rowOf(late.id)).toMatchObject({ email: late.email });
  });

  it('L4: six wrong codes end the code and not the link', async () => {
    const user = await verified();
    const { to, confirmation } = await ask(user);
    const wrong = confirmation.code === '00000000' ? '00000001' : '00000000';
    for (let n = 0; n < 6; n++) expect(brief(await confirm({ email: to, code: wrong }))).toEqual(INVALID);
    expect(brief(await confirm({ email: to, code: confirmation.code }))).toEqual(INVALID);
    expect((await confirm({ token: confirmation.token })).statusCode).toBe(200);
  });

  it.each(['change', 'reset'])('is over with a %s of the password', async (how) => {
    const user = await verified();
    const { confirmation } = await ask(user);
    if (how === 'change') {
      const payload = { current_password: PASSWORD, new_password: NEW_PASSWORD };
      expect((await post('/auth/me/password', payload, user.access_token)).statusCode).toBe(204);
    } else {
      await post('/auth/forgot-password', { email: user.email });
      const { token } = await mailOf(user.email, 'reset_password');
      expect((await post('/auth/reset-password', { token, password: NEW_PASSWORD })).statusCode).toBe(204);
    }
    expect(brief(await confirm({ token: confirmation.token }))).toEqual(INVALID);
    expect(await rowOf(user.id)).toMatchObject({ email: user.email });
  });

  it('A28: leaves no link to the former mailbox that opens the account', async () => {
    const user = await api.user();
    await post('/auth/forgot-password', { email: user.email });
    const reset = await mailOf(user.email, 'reset_password');
    const verification = await mailOf(user.email, 'verify_email');
    const { confirmation } = await ask(user);
    expect((await confirm({ token: confirmation.token })).statusCode).toBe(200);
    const password = NEW_PASSWORD;
    expect(brief(await post('/auth/reset-password', { token: reset.token, password }))).toEqual(INVALID);
    expect(brief(await post('/auth/reset-password', { email: user.email, code: reset.code, password }))).toEqual(
      INVALID,
    );
    expect(brief(await post('/auth/verify', { token: verification.token }))).toEqual(INVALID);
  });

  it('L9: is not done by GET or HEAD, and neither is the way back', async () => {
    const user = await verified();
    const { confirmation, notice } = await ask(user);
    for (const method of ['GET', 'HEAD'] as const)
      for (const [path, token] of [
        ['confirm', confirmation.token],
        ['undo', notice.token],
      ] as const) {
        const answer = await api.request({ method, url: `/auth/${path}-email-change?token=${token}` });
        expect(answer.statusCode).toBe(405);
      }
    expect(await rowOf(user.id)).toMatchObject({ email: user.email, sessions: 1 });
    expect((await confirm({ token: confirmation.token })).statusCode).toBe(200);
  });
});

describe('POST /auth/undo-email-change', () => {
  it('ends a pending change and every session, and mails a reset to the address', async () => {
    const user = await verified();
    const { confirmation, notice } = await ask(user);
    expect((await undo(notice.token)).statusCode).toBe(204);
    expect(brief(await confirm({ token: confirmation.token }))).toEqual(INVALID);
    expect(await rowOf(user.id)).toEqual({ email: user.email, verified: true, password: true, sessions: 0 });
    const { token } = await mailOf(user.email, 'reset_password');
    expect((await post('/auth/reset-password', { token, password: NEW_PASSWORD })).statusCode).toBe(204);
    expect(await eventsOf(user.id)).toContain('email.change_undone');
    expect(brief(await undo(notice.token))).toEqual(INVALID);
  });

  it('brings the address back past later changes and a new password, and their mailboxes have no way back', async () => {
    const user = await verified();
    const first = await ask(user);
    await confirm({ token: first.confirmation.token });
    const second = await ask(user, first.to);
    await confirm({ token: second.confirmation.token });
    const payload = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    await post('/auth/me/password', payload, user.access_token);
    expect((await undo(first.notice.token)).statusCode).toBe(204);
    expect(await rowOf(user.id)).toMatchObject({ email: user.email, sessions: 0 });
    expect(brief(await undo(second.notice.token))).toEqual(INVALID);
    expect(await rowOf(user.id)).toMatchObject({ email: user.email });
    expect((await mailOf(user.email, 'reset_password')).token).not.toBe('');
    // What only the person who was shut out had is free again.
    expect((await post('/auth/register', { email: first.to, password: PASSWORD })).statusCode).toBe(201);
  });

  it('L1: succeeds once of 16 at the same time', async () => {
    const user = await verified();
    const { confirmation, notice } = await ask(user);
    await confirm({ token: confirmation.token });
    const answers = await Promise.all(Array.from({ length: 16 }, () => undo(notice.token)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, ...Array(15).fill(400)]);
    expect((await mailsTo(user.email)).filter(({ kind }) => kind === 'reset_password')).toHaveLength(1);
  });

  it('against a confirmation at the same time, ends with the former address', async () => {
    for (let round = 0; round < 5; round++) {
      const user = await verified();
      const { confirmation, notice } = await ask(user);
      const [undone] = await Promise.all([undo(notice.token), confirm({ token: confirmation.token })]);
      expect(undone.statusCode).toBe(204);
      expect(await rowOf(user.id)).toMatchObject({ email: user.email, sessions: 0 });
    }
  });

  it('takes away what was added since a confirmed change was asked for, the password too, and nothing else', async () => {
    const [user, calm] = [await verified(), await verified()];
    const added = async (id: string) =>
      (
        await api.sql<{ kind: string }>(
          `select 'passkey' as kind from passkeys where user_id = $1 union all
           select 'identity' from identities where user_id = $1 union all
           select 'factor' from users where id = $1 and has_factor order by 1`,
          [id],
        )
      ).map(({ kind }) => kind);
    for (const { id } of [user, calm]) await api.sql(PASSKEY_SQL, [newId(), id]);
    const [stolen, kept] = [await ask(user), await ask(calm)];
    await confirm({ token: stolen.confirmation.token });
    await confirm({ token: kept.confirmation.token });
    await api.sql(PASSKEY_SQL, [newId(), user.id]);
    await api.sql(IDENTITY_SQL, [user.id]);
    const changed = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    expect((await post('/auth/me/password', changed, user.access_token)).statusCode).toBe(204);
    expect(await added(user.id)).toEqual(['identity', 'passkey', 'passkey']);
    for (const { notice } of [stolen, kept]) expect((await undo(notice.token)).statusCode).toBe(204);
    expect(await added(user.id)).toEqual(['passkey']);
    expect(await rowOf(user.id)).toEqual({ email: user.email, verified: true, password: false, sessions: 0 });
    expect((await login(user.email, NEW_PASSWORD)).statusCode).toBe(401);
    // Nothing was added here.
    expect(await added(calm.id)).toEqual(['passkey']);
    expect((await login(calm.email)).statusCode).toBe(200);
  });

  it('L8: drops the password of an account whose mailbox was never proved before', async () => {
    const user = await api.user();
    const { notice } = await ask(user);
    expect((await undo(notice.token)).statusCode).toBe(204);
    expect(await rowOf(user.id)).toEqual({ email: user.email, verified: true, password: false, sessions: 0 });
    expect((await login(user.email)).statusCode).toBe(401);
  });
});

describe('a former address', () => {
  const TAKEN = [409, 'email_taken'];

  it('is taken for others for seven days: at registration, for administrators, and for changes', async () => {
    const [user, other, admin] = [await verified(), await verified(), await api.admin()];
    const { confirmation } = await ask(user);
    await confirm({ token: confirmation.token });
    const before = await api.sql('select count(*)::int from users');
    const account = { email: user.email, password: PASSWORD };
    expect(brief(await post('/auth/register', account))).toEqual(TAKEN);
    expect(brief(await post('/users', account, admin.access_token))).toEqual(TAKEN);
    const quiet = await strict.request({ method: 'POST', url: '/auth/register', payload: account });
    expect([quiet.statusCode, quiet.body]).toEqual([202, '']);
    expect((await mailsTo(user.email))[0]?.kind).toBe('address_taken');
    expect(await api.sql('select count(*)::int from users')).toEqual(before);
    expect((await change(other, user.email)).statusCode).toBe(202);
    expect((await mailsTo(user.email)).filter(({ kind }) => kind === 'address_taken')).toHaveLength(2);
    expect((await mailsTo(user.email)).filter(({ kind }) => kind === 'confirm_email_change')).toEqual([]);
    await api.sql(`update one_time_tokens set expires_at = now() where user_id = $1`, [user.id]);
    expect((await post('/auth/register', account)).statusCode).toBe(201);
  });

  it('is refused in an import, and the other rows are stored', async () => {
    const user = await verified();
    const { confirmation } = await ask(user);
    await confirm({ token: confirmation.token });
    const free = newAddress();
    const entries = async function* (): AsyncGenerator<Entry> {
      for (const [index, email] of [user.email, free].entries()) yield { line: index + 1, fields: { email } };
    };
    for (const dry_run of [true, false]) {
      const rejected: Rejection[] = [];
      const options = {
        dry_run,
        firebase: undefined,
        onProgress: () => {},
        onRejected: (row: Rejection) => rejected.push(row),
      };
      const ctx = {
        ...api.app.ctx,
        request_id: 'x',
        client: { ip: 'local', user_agent: null },
        actor: null,
        reportQuota: () => {},
      };
      const outcome = await importAll(ctx, entries(), options);
      expect(outcome).toMatchObject({ imported: 1, existing: 0, refused: 1 });
      expect(rejected).toEqual([expect.objectContaining({ line: 1, reason: expect.stringContaining('is held') })]);
    }
    expect(await api.sql('select email from users where email in ($1, $2)', [user.email, free])).toEqual([
      { email: free },
    ]);
  });

  it('is free for the account that had it, and for others once this account is closed', async () => {
    const user = await verified();
    const { confirmation, to } = await ask(user);
    await confirm({ token: confirmation.token });
    expect((await change(user, user.email)).statusCode).toBe(202);
    expect((await confirm({ token: (await mailOf(user.email, 'confirm_email_change')).token })).json().email).toBe(
      user.email,
    );
    expect(brief(await post('/auth/register', { email: to, password: PASSWORD }))).toEqual(TAKEN);
    const closing = { method: 'DELETE', url: '/auth/me', payload: { password: PASSWORD } } as const;
    expect((await api.request({ ...closing, token: user.access_token })).statusCode).toBe(204);
    expect((await post('/auth/register', { email: to, password: PASSWORD })).statusCode).toBe(201);
  });
  it.each(['/auth/forgot-password', '/auth/request-verify-token'])(
    'the owner of an address that a stranger had gets the way back mailed again by %s',
    async (url) => {
      const squatter = await api.user();
      const { email } = squatter;
      const { to, confirmation, notice } = await ask(squatter);
      expect((await confirm({ token: confirmation.token })).statusCode).toBe(200);
      const asked = await post(url, { email });
      expect(asked.statusCode).toBe(202);
      const mails = async () => (await mailsTo(email)).filter(({ kind }) => kind === 'email_change_notice');
      await expect.poll(async () => (await mails()).length).toBe(2);
      const [again] = await mails();
      expect(again?.token).toBe(notice.token);
      expect(again?.text).toContain(to);
      expect((await undo(again?.token ?? '')).statusCode).toBe(204);
      const reset = await mailOf(email, 'reset_password');
      const taken = await post('/auth/reset-password', { token: reset.token, password: NEW_PASSWORD });
      expect(taken.statusCode).toBe(204);
      expect((await login(email, NEW_PASSWORD)).statusCode).toBe(200);
      expect((await login(to)).statusCode).toBe(401);
    },
  );

  it('comes back by the "this was not me" of a notice that went there, and the reset goes there too', async () => {
    const user = await verified();
    const { to, confirmation } = await ask(user);
    const url = '/auth/confirm-email-change';
    const payload = { token: confirmation.token };
    expect((await noticing.request({ method: 'POST', url, payload })).statusCode).toBe(200);
    const changed = await mailOf(user.email, 'notice.email.changed');
    expect((await post('/auth/secure-account', { token: changed.token })).statusCode).toBe(204);
    expect(await rowOf(user.id)).toEqual({ email: user.email, verified: true, password: false, sessions: 0 });
    expect((await mailsTo(to)).map(({ kind }) => kind)).not.toContain('reset_password');
    const reset = await mailOf(user.email, 'reset_password');
    expect((await post('/auth/reset-password', { token: reset.token, password: NEW_PASSWORD })).statusCode).toBe(204);
    expect((await login(user.email, NEW_PASSWORD)).statusCode).toBe(200);
    expect((await login(to)).statusCode).toBe(401);
  });
});
