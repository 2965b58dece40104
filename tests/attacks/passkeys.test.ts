import { describe, expect, it } from 'vitest';
import { startPasskeyApi } from '../helpers/passkeys.ts';
import {
  type AssertedJson,
  type CreatedJson,
  type Deviation,
  softAuthenticator,
} from '../helpers/soft-authenticator.ts';

const { api, post, pass, verified, enrol, challenge, holder, login, answer, add, creationOptions, requestOptions } =
  startPasskeyApi({ RATE_LIMITS: 'false' });

/** All that a ceremony could change. */
const state = () =>
  api.sql(`select 'session' as kind, to_jsonb(s) - 'last_used_at' as row from sessions s
    union all select 'passkey', to_jsonb(p) from passkeys p union all select 'used', to_jsonb(u) from used_challenges u
    union all select 'account', to_jsonb(a) from users a order by 1, 2`);

/** Tries it and proves that nothing is other than before. */
async function refused(attempt: () => ReturnType<typeof post>): Promise<[number, string]> {
  const before = await state();
  const answer = await attempt();
  expect(await state()).toEqual(before);
  return [answer.statusCode, answer.json().code];
}

const REFUSED = [401, 'invalid_credentials'];
const flip = (text: string) => {
  const bytes = Buffer.from(text, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes.toString('base64url');
};

const DEVIATIONS: Record<string, Deviation> = {
  'a foreign origin': { origin: 'https://evil.example' },
  'an origin that only begins like ours': { origin: 'http://localhost:8000.evil.example' },
  'another port of the host': { origin: 'http://localhost:8001' },
  'a foreign relying party': { rp_id: 'evil.example' },
  'the other type of ceremony': { type: 'webauthn.create' },
  'another challenge': { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
  'no verified user': { user_verified: false },
  'nobody present': { user_present: false },
  'a frame in a page of another origin': { top_origin: 'https://evil.example' },
  'no account named': { user_handle: undefined },
  'another account named': { user_handle: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
};

describe('a login by passkey', () => {
  it.each(Object.entries(DEVIATIONS))('L15: is refused with %s', async (_name, deviation) => {
    const { authenticator } = await holder();
    const proof = await answer(authenticator, deviation);
    expect(await refused(() => post('/auth/passkeys/login', proof))).toEqual(REFUSED);
    expect((await login(authenticator)).statusCode).toBe(200);
  });

  it('L15: is refused with a changed signature, changed data and another key’s id', async () => {
    const [user, other] = [await holder(), await holder()];
    const { challenge_id, credential } = await answer(user.authenticator);
    const { response } = credential;
    const { id } = (await answer(other.authenticator)).credential;
    const changed: AssertedJson[] = [
      { ...credential, response: { ...response, signature: flip(response.signature) } },
      { ...credential, response: { ...response, authenticatorData: flip(response.authenticatorData) } },
      { ...credential, id, rawId: id },
      { ...credential, rawId: id },
      { ...credential, id: 'unknown', rawId: 'unknown' },
    ];
    for (const credential of changed)
      expect(await refused(() => post('/auth/passkeys/login', { challenge_id, credential }))).toEqual(REFUSED);
    expect((await post('/auth/passkeys/login', { challenge_id, credential })).statusCode).toBe(200);
  });

  it('L15: takes a challenge once, also of twenty at once', async () => {
    const user = await holder();
    const proof = await answer(user.authenticator);
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/auth/passkeys/login', proof)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, ...Array(19).fill(401)]);
    expect(await api.sql('select from sessions where user_id = $1', [user.id])).toHaveLength(2);
    expect(await refused(() => post('/auth/passkeys/login', proof))).toEqual(REFUSED);
  });

  it('L15: takes no challenge that is expired, made up, or of the other ceremony', async () => {
    const user = await holder();
    const old = await answer(user.authenticator);
    pass(301);
    expect(await refused(() => post('/auth/passkeys/login', old))).toEqual(REFUSED);
    const { challenge_id, options } = await creationOptions(user.access_token);
    for (const text of [challenge_id, flip(challenge_id), 'é'.repeat(60), Buffer.alloc(45).toString('base64url')]) {
      const credential = user.authenticator.get({ rpId: options.rp.id, challenge: text });
      const proof = { challenge_id: text, credential };
      expect(await refused(() => post('/auth/passkeys/login', proof))).toEqual(REFUSED);
    }
  });

  it('L15: is refused with a counter that stands still or went back, and says so in the audit events', async () => {
    const { id, authenticator } = await holder({ synced: false });
    expect((await login(authenticator, { counter: 9 })).statusCode).toBe(200);
    for (const counter of [9, 8, 0]) {
      const proof = await answer(authenticator, { counter });
      expect(await refused(() => post('/auth/passkeys/login', proof))).toEqual(REFUSED);
    }
    const events = await api.sql(
      `select details from audit_events where event = 'passkey.counter_regressed' and subject_id = $1`,
      [id],
    );
    expect(events).toEqual(Array(3).fill({ details: { passkey_id: expect.any(String) } }));
    expect((await login(authenticator, { counter: 10 })).statusCode).toBe(200);
  });

  it('L15: lets one of two answers with the same counter in', async () => {
    const { authenticator } = await holder({ synced: false });
    const proofs = [await answer(authenticator, { counter: 5 }), await answer(authenticator, { counter: 5 })];
    const answers = await Promise.all(proofs.map((proof) => post('/auth/passkeys/login', proof)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 401]);
  });

  it('L15: spends the challenge for the second factor and the recent proof too', async () => {
    const user = await holder();
    await enrol(user);
    const proof = await answer(user.authenticator);
    expect((await post('/auth/passkeys/login', proof)).statusCode).toBe(200);
    const mfa_token = await challenge(user);
    expect(await refused(() => post('/auth/mfa', { mfa_token, ...proof }))).toEqual(REFUSED);
    expect(await refused(() => post('/auth/me/reauthenticate', proof, user.access_token))).toEqual(REFUSED);
  });
});

describe('the creation of a passkey', () => {
  it.each(Object.entries(DEVIATIONS).filter(([name]) => !name.endsWith('named')))(
    'L15: is refused with %s',
    async (_name, deviation) => {
      const user = await verified();
      const { challenge_id, options } = await creationOptions(user.access_token);
      const other = deviation.type && { type: 'webauthn.get' };
      const credential = softAuthenticator().create(options, { ...deviation, ...other });
      const attempt = () => post('/auth/me/passkeys', { challenge_id, credential }, user.access_token);
      expect(await refused(attempt)).toEqual(REFUSED);
    },
  );

  it('L15: takes a challenge once, of the session that asked for it, and within five minutes', async () => {
    const [user, stranger] = [await verified(), await verified()];
    const other = (await post('/auth/login', { email: user.email, password: 'correct horse battery staple' })).json();
    const { challenge_id, options } = await creationOptions(user.access_token);
    const create = (token: string) => {
      const credential = softAuthenticator().create(options);
      return post('/auth/me/passkeys', { challenge_id, credential }, token);
    };
    expect(await refused(() => create(stranger.access_token))).toEqual(REFUSED);
    expect(await refused(() => create(other.access_token))).toEqual(REFUSED);
    expect((await create(user.access_token)).statusCode).toBe(201);
    expect(await refused(() => create(user.access_token))).toEqual(REFUSED);
    const late = await creationOptions(user.access_token);
    pass(301);
    const credential = softAuthenticator().create(late.options);
    const attempt = () => post('/auth/me/passkeys', { challenge_id: late.challenge_id, credential }, user.access_token);
    expect(await refused(attempt)).toEqual(REFUSED);
  });

  it('L15: takes no challenge of a login', async () => {
    const user = await verified();
    const { challenge_id } = await requestOptions();
    const { options } = await creationOptions(user.access_token);
    const credential = softAuthenticator().create({ ...options, challenge: challenge_id });
    const attempt = () => post('/auth/me/passkeys', { challenge_id, credential }, user.access_token);
    expect(await refused(attempt)).toEqual(REFUSED);
  });

  it('L15: gives a credential of another account to nobody else', async () => {
    const [user, thief] = [await verified(), await verified()];
    const own = await creationOptions(user.access_token);
    const authenticator = softAuthenticator();
    const made = authenticator.create(own.options);
    expect(
      (await post('/auth/me/passkeys', { challenge_id: own.challenge_id, credential: made }, user.access_token))
        .statusCode,
    ).toBe(201);
    const { challenge_id, options } = await creationOptions(thief.access_token);
    const { response } = authenticator.create(options);
    // Without a statement the id in the object is whatever its sender writes.
    const object = Buffer.from(response.attestationObject, 'base64url');
    const foreign = Buffer.from(made.id, 'base64url');
    foreign.copy(object, object.length - foreign.length - ES256_KEY_BYTES);
    const credential = {
      ...made,
      response: { clientDataJSON: response.clientDataJSON, attestationObject: object.toString('base64url') },
    };
    const attempt = () => post('/auth/me/passkeys', { challenge_id, credential }, thief.access_token);
    expect(await refused(attempt)).toEqual([409, 'passkey_taken']);
  });

  it('reads no statement of the authenticator’s origin, nor the addresses in its certificates', async () => {
    const user = await verified();
    for (const fmt of ['packed', 'tpm', 'android-key', 'android-safetynet', 'apple', 'fido-u2f', 'unknown']) {
      const { challenge_id, options } = await creationOptions(user.access_token);
      const attStmt = new Map<string, Buffer | Buffer[] | number>([
        ['alg', -7],
        ['sig', Buffer.alloc(64)],
        ['x5c', [Buffer.from('30820100', 'hex')]],
      ]);
      const credential = softAuthenticator().create(options, { statement: { fmt, attStmt } });
      const answer = await post('/auth/me/passkeys', { challenge_id, credential }, user.access_token);
      expect(answer.statusCode, answer.body).toBe(201);
    }
  });
});

/** The COSE key at the end of the authenticator data. */
const ES256_KEY_BYTES = 77;

interface Proof {
  challenge_id: string;
  credential: AssertedJson | CreatedJson;
}

/** True if it is right all the same: only members differ that no ceremony reads, or no account is named. */
function isRight(variant: unknown, proof: Proof): boolean {
  // Its members may be anything.
  const { response } = (variant as Proof).credential ?? {};
  const namesNobody = (response as { userHandle?: unknown } | undefined)?.userHandle === null;
  return namesNobody || readOf(variant as Proof) === readOf(proof);
}

function readOf({ challenge_id, credential }: Proof): string {
  const { id, rawId, type, response } = credential ?? {};
  const { clientDataJSON, ...rest } = response ?? {};
  const { attestationObject, authenticatorData, signature, userHandle } = rest as Record<string, unknown>;
  const data = attestationObject ?? [authenticatorData, signature, userHandle];
  return JSON.stringify([challenge_id, id, rawId, type, clientDataJSON, data]);
}

describe('hostile members', () => {
  const HOSTILE: unknown[] = [
    null,
    0,
    1e308,
    '',
    'é',
    '\u0000',
    'x',
    'AA',
    'a'.repeat(9000),
    [],
    {},
    { id: 1 },
    'oWNmbXRkbm9uZQ',
    'n_________8',
    'v2E',
    Buffer.from('9f'.repeat(4000), 'hex').toString('base64url'),
    Buffer.from('null').toString('base64url'),
    Buffer.from('[]').toString('base64url'),
    Buffer.from('{"a":{}}').toString('base64url'),
  ];

  /** The value with each member, also of its objects, replaced in turn. */
  function* variants(value: object): Generator<unknown> {
    for (const [key, member] of Object.entries(value)) {
      for (const hostile of HOSTILE) yield { ...value, [key]: hostile };
      if (typeof member === 'object' && member !== null)
        for (const inner of variants(member)) yield { ...value, [key]: inner };
    }
  }

  it('never cause a 5xx, and change nothing: a login, a second factor, a recent proof', async () => {
    const user = await holder();
    await enrol(user);
    const proof = await answer(user.authenticator);
    const mfa_token = await challenge(user);
    const before = await state();
    for (const variant of variants(proof)) {
      if (isRight(variant, proof)) continue;
      const answers = await Promise.all([
        post('/auth/passkeys/login', variant as object),
        post('/auth/me/reauthenticate', variant as object, user.access_token),
      ]);
      for (const { statusCode, body } of answers)
        expect([401, 422], `${JSON.stringify(variant).slice(0, 300)} ${body}`).toContain(statusCode);
    }
    const [some] = [...variants(proof)];
    expect((await post('/auth/mfa', { mfa_token, ...(some as object) })).statusCode).toBe(422);
    expect(await state()).toEqual(before);
    expect((await post('/auth/passkeys/login', proof)).statusCode).toBe(200);
  });

  it('never cause a 5xx, and add nothing: a creation', async () => {
    const user = await verified();
    const { challenge_id, options } = await creationOptions(user.access_token);
    const credential = softAuthenticator().create(options);
    const before = await state();
    for (const variant of variants({ challenge_id, credential })) {
      if (isRight(variant, { challenge_id, credential })) continue;
      const { statusCode, body } = await post('/auth/me/passkeys', variant as object, user.access_token);
      expect([401, 422], `${JSON.stringify(variant).slice(0, 300)} ${body}`).toContain(statusCode);
    }
    expect(await state()).toEqual(before);
    await add(user, softAuthenticator());
  });
});
