import { describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD } from '../../../helpers/api.ts';
import { startPasskeyApi } from '../../../helpers/passkeys.ts';
import { softAuthenticator } from '../../../helpers/soft-authenticator.ts';

const { api, post, verified, enrol, challenge, add, holder, login, answer, creationOptions, requestOptions } =
  startPasskeyApi({ EMAIL_LOGIN: 'false' });

const list = async (token: string) => (await api.request({ url: '/auth/me/passkeys', token })).json();
const remove = (id: string, token: string) => api.request({ method: 'DELETE', url: `/auth/me/passkeys/${id}`, token });
const eventsOf = async (id: string) =>
  (
    await api.sql<{ event: string }>(
      `select event from audit_events where subject_id = $1 and event ~ '^(passkey|session|recovery|login)' order by created_at, id`,
      [id],
    )
  ).map(({ event }) => event);

describe('POST /auth/me/passkeys', () => {
  it('adds a passkey, says so by mail, and makes the session one of two factors', async () => {
    const user = await verified();
    const passkey = await add(user, softAuthenticator({ aaguid: 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4' }));
    expect(passkey).toEqual({
      id: expect.any(String),
      name: 'Google Password Manager',
      created_at: expect.any(String),
      last_used_at: null,
      backed_up: true,
    });
    expect((await list(user.access_token)).items).toEqual([passkey]);
    const pair = (await post('/auth/refresh', { refresh_token: user.refresh_token })).json();
    expect(claimsOf(pair.access_token)).toMatchObject({ amr: ['pwd', 'swk', 'user'], acr: '2' });
    expect(await eventsOf(user.id)).toEqual(['session.started', 'passkey.added']);
    const mails = await api.sql(
      `select payload->>'subject' as subject from jobs where payload->>'kind' = 'notice.passkey.added' and payload->>'to' = $1`,
      [user.email],
    );
    expect(mails).toEqual([{ subject: 'Google Password Manager' }]);
  });

  it('names a passkey after the device if nothing says what keeps it, and as its owner does', async () => {
    const user = await verified();
    expect((await add(user, softAuthenticator())).name).toBe('Passkey (lightMyRequest)');
    expect((await add(user, softAuthenticator(), 'Ada’s phone')).name).toBe('Ada’s phone');
  });

  it('asks for a key that is found without a name, of a verified user, and not for one that the account has', async () => {
    const user = await verified();
    const authenticator = softAuthenticator();
    await add(user, authenticator);
    const { options, challenge_id, expires_at } = (
      await post('/auth/me/passkeys/options', {}, user.access_token)
    ).json();
    const used = authenticator.get(await requestOptions().then(({ options }) => options));
    expect(options).toMatchObject({
      rp: { id: 'localhost', name: 'Back API' },
      user: { name: user.email, displayName: user.email, id: used.response.userHandle },
      challenge: challenge_id,
      excludeCredentials: [{ id: used.id, type: 'public-key', transports: ['internal', 'hybrid'] }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
    });
    expect(options.user.id).not.toContain(user.id);
    expect(Buffer.from(options.user.id, 'base64url')).toHaveLength(32);
    expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(290_000);
  });

  it('wants a verified address and a recent proof', async () => {
    const unverified = await api.user();
    const early = await post('/auth/me/passkeys/options', {}, unverified.access_token);
    expect([early.statusCode, early.json().code]).toEqual([403, 'email_unverified']);
    const user = await verified();
    await api.sql(`update sessions set authenticated_at = now() - interval '301 s' where user_id = $1`, [user.id]);
    const stale = await post('/auth/me/passkeys/options', {}, user.access_token);
    expect(stale.json()).toMatchObject({ code: 'reauthentication_required', methods: ['password'] });
  });

  it('keeps ten: 409 passkey_limit from then on, also for those that come at once', async () => {
    const user = await verified();
    const ceremonies = await Promise.all(
      Array.from({ length: 14 }, async () => {
        const { challenge_id, options } = await creationOptions(user.access_token);
        return { challenge_id, credential: softAuthenticator().create(options) };
      }),
    );
    // All challenges are given out before the first one is answered.
    const answers = await Promise.all(
      ceremonies.map((ceremony) => post('/auth/me/passkeys', ceremony, user.access_token)),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(10).fill(201), ...Array(4).fill(409)]);
    const refused = answers.filter(({ statusCode }) => statusCode === 409).map((one) => one.json().code);
    expect(new Set(refused)).toEqual(new Set(['passkey_limit']));
    expect((await list(user.access_token)).items).toHaveLength(10);
    const next = await post('/auth/me/passkeys/options', {}, user.access_token);
    expect([next.statusCode, next.json().code]).toEqual([409, 'passkey_limit']);
    expect((await eventsOf(user.id)).filter((event) => event === 'passkey.added')).toHaveLength(10);
  });
});

describe('GET, PATCH and DELETE /auth/me/passkeys', () => {
  it('list the newest first, page by page', async () => {
    const user = await verified();
    for (const name of ['a', 'b', 'c']) await add(user, softAuthenticator(), name);
    const first = (await api.request({ url: '/auth/me/passkeys?limit=2', token: user.access_token })).json();
    expect(first.items.map(({ name }: { name: string }) => name)).toEqual(['c', 'b']);
    const url = `/auth/me/passkeys?limit=2&cursor=${first.next_cursor}`;
    const second = (await api.request({ url, token: user.access_token })).json();
    expect(second).toMatchObject({ items: [{ name: 'a' }], next_cursor: null });
  });

  it('rename one, and know nothing of another account’s', async () => {
    const [user, stranger] = [await verified(), await verified()];
    const { id } = await add(user, softAuthenticator());
    const rename = (token: string) =>
      api.request({ method: 'PATCH', url: `/auth/me/passkeys/${id}`, payload: { name: 'Key' }, token });
    expect((await rename(user.access_token)).json()).toMatchObject({ id, name: 'Key' });
    for (const refused of [await rename(stranger.access_token), await remove(id, stranger.access_token)])
      expect([refused.statusCode, refused.json().code]).toEqual([404, 'passkey_not_found']);
    expect((await list(user.access_token)).items).toMatchObject([{ id, name: 'Key' }]);
  });

  it('remove one, say so by mail, and its key opens nothing any more', async () => {
    const user = await holder();
    const [{ id }] = (await list(user.access_token)).items;
    expect((await remove(id, user.access_token)).statusCode).toBe(204);
    expect((await login(user.authenticator)).statusCode).toBe(401);
    expect(await eventsOf(user.id)).toContain('passkey.removed');
    const mails = await api.sql(
      `select from jobs where payload->>'kind' = 'notice.passkey.removed' and payload->>'to' = $1`,
      [user.email],
    );
    expect(mails).toHaveLength(1);
  });

  it('want a recent proof for a removal, which the passkey itself may give', async () => {
    const user = await holder();
    await api.sql(`update sessions set authenticated_at = now() - interval '1 h' where user_id = $1`, [user.id]);
    const [{ id }] = (await list(user.access_token)).items;
    const refused = await remove(id, user.access_token);
    expect(refused.json()).toMatchObject({ code: 'reauthentication_required', methods: ['password', 'passkey'] });
    expect((await list(user.access_token)).items).toHaveLength(1);
    const proof = await post('/auth/me/reauthenticate', await answer(user.authenticator), user.access_token);
    expect(proof.statusCode, proof.body).toBe(204);
    expect((await remove(id, user.access_token)).statusCode).toBe(204);
  });

  it('keep the last way in: 409 last_login_method', async () => {
    const user = await holder();
    await add(user, softAuthenticator(), 'second');
    await api.sql('update users set password_hash = null where id = $1', [user.id]);
    const [second, first] = (await list(user.access_token)).items;
    expect((await remove(second.id, user.access_token)).statusCode).toBe(204);
    const before = await api.sql('select * from passkeys where user_id = $1', [user.id]);
    const refused = await remove(first.id, user.access_token);
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'last_login_method']);
    expect(await api.sql('select * from passkeys where user_id = $1', [user.id])).toEqual(before);
    expect((await login(user.authenticator)).statusCode).toBe(200);
  });
});

describe('POST /auth/passkeys/login', () => {
  it.each(['ES256', 'EdDSA', 'RS256'] as const)('logs in by a key of %s, as two factors at once', async (algorithm) => {
    const user = await holder({ algorithm });
    const pair = await login(user.authenticator);
    expect(pair.statusCode, pair.body).toBe(200);
    expect(claimsOf(pair.json().access_token)).toMatchObject({ sub: user.id, amr: ['swk', 'user'], acr: '2' });
    expect((await list(pair.json().access_token)).items[0].last_used_at).not.toBeNull();
    expect((await eventsOf(user.id)).at(-1)).toBe('session.started');
  });

  it('asks an account with an authenticator app for no code', async () => {
    const user = await holder();
    await enrol(user);
    expect((await login(user.authenticator)).statusCode).toBe(200);
  });

  it('counts the signatures of a key on one device, and calls it hardware', async () => {
    const user = await holder({ synced: false });
    const pair = await login(user.authenticator);
    expect(claimsOf(pair.json().access_token).amr).toEqual(['hwk', 'user']);
    const [row] = await api.sql('select counter::int, backed_up from passkeys where user_id = $1', [user.id]);
    expect(row).toEqual({ counter: 2, backed_up: false });
  });

  it('goes on with synced keys whatever they count, and with keys that count nothing', async () => {
    const synced = await holder();
    for (const counter of [7, 3, 0]) expect((await login(synced.authenticator, { counter })).statusCode).toBe(200);
    const silent = await verified();
    const authenticator = softAuthenticator({ synced: false });
    const { challenge_id, options } = await creationOptions(silent.access_token);
    const credential = authenticator.create(options, { counter: 0 });
    expect((await post('/auth/me/passkeys', { challenge_id, credential }, silent.access_token)).statusCode).toBe(201);
    for (const counter of [0, 0]) expect((await login(authenticator, { counter })).statusCode).toBe(200);
  });

  it('answers account_disabled to a disabled account, and starts no session', async () => {
    const user = await holder();
    await api.sql('update users set is_active = false where id = $1', [user.id]);
    const refused = await login(user.authenticator);
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'account_disabled']);
    expect(await api.sql('select from sessions where user_id = $1', [user.id])).toHaveLength(1);
  });

  it('opens no account that was closed', async () => {
    const user = await holder();
    await api.sql(`update users set removing = 'account' where id = $1`, [user.id]);
    expect((await login(user.authenticator)).json().code).toBe('invalid_credentials');
  });
});

describe('POST /auth/passkeys/options', () => {
  it('writes nothing, and gives everybody another challenge', async () => {
    const tables = `select (select count(*) from used_challenges) as used, (select count(*) from audit_events) as events, (select count(*) from rate_limits) as limits`;
    const before = await api.sql(tables);
    const [one, other] = [await requestOptions(), await requestOptions()];
    expect(one.challenge_id).not.toBe(other.challenge_id);
    expect(one.options).toEqual({
      challenge: one.challenge_id,
      timeout: 300_000,
      rpId: 'localhost',
      allowCredentials: [],
      userVerification: 'required',
    });
    expect(await api.sql(tables)).toEqual(before);
  });
});

describe('a passkey as the second factor', () => {
  it('is one of the choices of mfa_required, and ends the sign-in without verifying its user', async () => {
    const user = await holder();
    await enrol(user);
    const demanded = (await post('/auth/login', { email: user.email, password: PASSWORD })).json();
    expect(demanded.factors).toEqual([
      { id: expect.any(String), type: 'totp', name: 'Phone' },
      { id: expect.any(String), type: 'passkey', name: 'Passkey (lightMyRequest)' },
    ]);
    const { mfa_token } = demanded;
    const proof = await answer(user.authenticator, { user_verified: false });
    const pair = await post('/auth/mfa', { mfa_token, ...proof });
    expect(pair.statusCode, pair.body).toBe(200);
    expect(claimsOf(pair.json().access_token)).toMatchObject({ amr: ['pwd', 'swk'], acr: '2' });
  });

  it('does not gate the password by itself', async () => {
    const user = await holder();
    expect((await post('/auth/login', { email: user.email, password: PASSWORD })).statusCode).toBe(200);
  });

  it('is refused if it is another account’s, and counts as a wrong answer', async () => {
    const [user, other] = [await holder(), await holder()];
    await enrol(user);
    const mfa_token = await challenge(user);
    for (let wrong = 0; wrong < 5; wrong++) {
      const refused = await post('/auth/mfa', { mfa_token, ...(await answer(other.authenticator)) });
      expect([refused.statusCode, refused.json().code]).toEqual([401, 'invalid_credentials']);
    }
    const right = await post('/auth/mfa', { mfa_token, ...(await answer(user.authenticator)) });
    expect([right.statusCode, right.json().code]).toEqual([401, 'mfa_token_invalid']);
  });

  it('gives an account recovery codes on demand, which go with the last passkey', async () => {
    const user = await holder();
    const codes = await post('/auth/me/recovery-codes', {}, user.access_token);
    expect(codes.json().recovery_codes).toHaveLength(10);
    const app = await enrol(user);
    expect(
      await api.request({ url: '/auth/me/factors', token: user.access_token }).then((one) => one.json()),
    ).toMatchObject({
      recovery_codes_left: 10,
    });
    await api.request({ method: 'DELETE', url: `/auth/me/factors/${app.id}`, token: user.access_token });
    const left = () => api.sql('select from recovery_codes where user_id = $1', [user.id]);
    expect(await left()).toHaveLength(1);
    const [{ id }] = (await list(user.access_token)).items;
    await remove(id, user.access_token);
    expect(await left()).toEqual([]);
  });
});

describe('POST /auth/me/reauthenticate with a passkey', () => {
  it('wants a verified user, and one that is the caller', async () => {
    const [user, other] = [await holder(), await holder()];
    await api.sql(`update sessions set authenticated_at = now() - interval '1 h' where user_id = $1`, [user.id]);
    for (const proof of [
      await answer(user.authenticator, { user_verified: false }),
      await answer(other.authenticator),
    ]) {
      const refused = await post('/auth/me/reauthenticate', proof, user.access_token);
      expect([refused.statusCode, refused.json().code]).toEqual([401, 'invalid_credentials']);
    }
    expect((await post('/auth/me/passkeys/options', {}, user.access_token)).statusCode).toBe(403);
    const proof = await answer(user.authenticator);
    expect((await post('/auth/me/reauthenticate', proof, user.access_token)).statusCode).toBe(204);
    expect((await post('/auth/me/passkeys/options', {}, user.access_token)).statusCode).toBe(200);
  });

  it.each([{ password: PASSWORD, challenge_id: 'x' }, { challenge_id: 'x' }, { code: '123456', challenge_id: 'x' }])(
    'wants exactly one proof: %j',
    async (payload) => {
      const user = await verified();
      expect((await post('/auth/me/reauthenticate', payload, user.access_token)).statusCode).toBe(422);
      expect((await post('/auth/mfa', { mfa_token: 'x', ...payload })).statusCode).toBe(422);
    },
  );
});
