import type { ServerResponse } from 'node:http';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { CLIENT, type Lies } from '../helpers/issuer.ts';
import { browserOf, startSocialApi } from '../helpers/social.ts';

const { api, issuers, depart, arrive, visit, idToken } = await startSocialApi();
const ADA = { sub: 'ada', email: 'ada@corp.example', email_verified: true };

const state = () =>
  api.sql(`select (select count(*)::int from users) as users, (select count(*)::int from identities) as identities,
    (select count(*)::int from sessions) as sessions, (select count(*)::int from audit_events) as events`);
const secret = (text: string) => new TextEncoder().encode(text);
const unsigned = (claims: object) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
};
const now = () => Math.floor(Date.now() / 1000);

/** Id tokens that do not hold. */
const UNTRUE: Record<string, Lies> = {
  'of another issuer': { claims: (claims) => ({ ...claims, iss: `${issuers.url}/corp` }) },
  'without an issuer': { claims: ({ iss: _iss, ...claims }) => claims },
  'for another client': { claims: (claims) => ({ ...claims, aud: 'another' }) },
  'for several clients, and authorized for another': {
    claims: (claims) => ({ ...claims, aud: [CLIENT.client_id, 'another'], azp: 'another' }),
  },
  'with another nonce': { claims: (claims) => ({ ...claims, nonce: 'another' }) },
  'without a nonce': { claims: ({ nonce: _nonce, ...claims }) => claims },
  'that has expired': { claims: (claims) => ({ ...claims, exp: now() - 60 }) },
  'without an end': { claims: ({ exp: _exp, ...claims }) => claims },
  'that begins later': { claims: (claims) => ({ ...claims, nbf: now() + 600 }) },
  'without a subject': { claims: ({ sub: _sub, ...claims }) => claims },
  'with an empty subject': { claims: (claims) => ({ ...claims, sub: '' }) },
  'with a subject of 256 characters': { claims: (claims) => ({ ...claims, sub: 'x'.repeat(256) }) },
  'with NUL in its subject': { claims: (claims) => ({ ...claims, sub: 'a\u0000b' }) },
  'with a number as its subject': { claims: (claims) => ({ ...claims, sub: 1 as unknown as string }) },
  'without a signature': { sign: unsigned },
  'signed by another key': { sign: (claims) => issuers.sign(claims, issuers.stranger) },
  'signed by the client’s secret': {
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret(CLIENT.client_secret)),
  },
  'signed by the public key as a secret': {
    sign: (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .sign(secret(JSON.stringify(issuers.publicJwk))),
  },
  'of a key that nobody has': {
    sign: async (claims) => {
      const [, ...rest] = (await issuers.sign(claims)).split('.');
      return [Buffer.from('{"alg":"ES256","kid":"two"}').toString('base64url'), ...rest].join('.');
    },
  },
  'with a critical extension': {
    sign: async (claims) => {
      const [, ...rest] = (await issuers.sign(claims)).split('.');
      return [Buffer.from('{"alg":"ES256","kid":"one","crit":["b64"],"b64":true}').toString('base64url'), ...rest].join(
        '.',
      );
    },
  },
  'that is garbage': { sign: () => 'not.a.token' },
  'that is a number': { sign: () => 1 as unknown as string },
};

describe('L16: an id token', () => {
  it.each(Object.keys(UNTRUE))('%s signs nobody in', async (name) => {
    await visit('liar', { ...ADA, email: undefined as never });
    issuers.lie('liar', UNTRUE[name] ?? {});
    const before = await state();
    expect((await visit('liar', ADA)).found).toEqual({ error: 'provider_error' });
    const id_token = await issuers.idToken('liar', ADA, 'n');
    const answer = await idToken('liar', { id_token, nonce: 'n' });
    expect(answer.statusCode, answer.body).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(await state()).toEqual(before);
  });
});

/** Answers of the token endpoint that are none. */
const BROKEN: Record<string, (response: ServerResponse) => void> = {
  'an error of its own': (response) => void response.writeHead(500).end('oh no'),
  'a redirect to elsewhere': (response) =>
    void response.writeHead(302, { location: `${issuers.url}/corp/token` }).end(),
  HTML: (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  'half of a JSON': (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"access'),
  nothing: (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(),
  null: (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('null'),
  'no id token': (response) =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"access_token":"x","token_type":"Bearer"}'),
  'a closed connection': (response) => void response.destroy(),
  'a hundred megabytes': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const block = Buffer.alloc(1_000_000, ' ');
    let left = 100;
    const write = (): void => {
      while (left-- > 0) if (!response.write(block)) return void response.once('drain', write);
      response.end();
    };
    response.on('error', () => {});
    write();
  },
};

describe('L20: a token endpoint that answers', () => {
  it.each(Object.keys(BROKEN))('%s signs nobody in, and the app is told', async (name) => {
    const mine = await depart('liar');
    const back = issuers.authorize(mine.location, ADA);
    issuers.lie('liar', { answer: { token: BROKEN[name] as never } });
    const before = await state();
    expect((await arrive(mine, back)).found).toEqual({ error: 'provider_error' });
    expect(await state()).toEqual(before);
  });
});

describe('10.2.2: a mix-up', () => {
  it('is refused by the issuer in the answer, before the code goes to anybody', async () => {
    const mine = await depart('mixed');
    const back = issuers.authorize(mine.location, ADA);
    const asked = issuers.asked.filter((one) => one.endsWith('/token')).length;
    const before = await state();
    back.searchParams.set('iss', `${issuers.url}/corp`);
    expect((await arrive(mine, back)).found).toEqual({ error: 'provider_error' });
    const second = await depart('mixed');
    const without = issuers.authorize(second.location, ADA);
    without.searchParams.delete('iss');
    expect((await arrive(second, without)).found).toEqual({ error: 'provider_error' });
    expect(issuers.asked.filter((one) => one.endsWith('/token'))).toHaveLength(asked);
    expect(await state()).toEqual(before);
  });

  it('the same subject and address at two issuers are two persons', async () => {
    const twin = { sub: 'twin', email: 'twin@elsewhere.example', email_verified: true };
    expect((await visit('other', twin)).found).toHaveProperty('code');
    expect((await visit('mixed', twin)).found).toEqual({ error: 'identity_confirmation_required' });
    expect(await api.sql(`select from identities where subject = 'twin'`)).toHaveLength(1);
  });
});

describe('10.5.3: a provider’s document', () => {
  const startOf = (name: string) => api.request({ url: `/auth/oauth/${name}/start?code_challenge=${'a'.repeat(43)}` });

  it.each([
    ['of another issuer', { issuer: 'https://accounts.google.com' }],
    ['with a token endpoint by plain http', { token_endpoint: 'http://id.example.com/token' }],
    ['with the metadata service of a cloud', { jwks_uri: 'http://169.254.169.254/latest/meta-data' }],
    ['with a private address', { token_endpoint: 'https://10.0.0.1/token' }],
    ['with a private address in IPv6', { token_endpoint: 'https://[fd00::1]/token' }],
    ['with a mapped address', { token_endpoint: 'https://[::ffff:169.254.169.254]/token' }],
    ['with a name of the inside', { userinfo_endpoint: 'https://metadata.google.internal/' }],
    ['with a script', { authorization_endpoint: 'javascript:alert(1)' }],
    ['with a password', { token_endpoint: 'https://user:pw@id.example.com/token' }],
    ['with a file', { jwks_uri: 'file:///etc/passwd' }],
    ['without keys', { jwks_uri: undefined }],
    ['without a token endpoint', { token_endpoint: undefined }],
  ])('%s is not used: 503, and no cookie', async (_name, change) => {
    issuers.lie('inside', { discovery: (document) => ({ ...document, ...change }) });
    const answer = await startOf('inside');
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'service_unavailable']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('that leads elsewhere is not followed', async () => {
    const moved = (response: ServerResponse) =>
      void response.writeHead(302, { location: `${issuers.url}/corp/.well-known/openid-configuration` }).end();
    issuers.lie('moved', { answer: { 'openid-configuration': moved } });
    expect((await startOf('moved')).statusCode).toBe(503);
  });

  it('is asked for once by all who wait, and kept; one that failed is asked for again', async () => {
    issuers.lie('huge', { answer: { 'openid-configuration': BROKEN['a hundred megabytes'] as never } });
    expect((await startOf('huge')).statusCode).toBe(503);
    issuers.repent();
    const asked = () => issuers.asked.filter((one) => one === 'huge/openid-configuration').length;
    const before = asked();
    const answers = await Promise.all(Array.from({ length: 10 }, () => startOf('huge')));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(303));
    expect(asked()).toBe(before + 1);
  });

  it('of a provider that is not there: 503 at once', async () => {
    expect((await startOf('gone')).statusCode).toBe(503);
  });
});

/** A browser in another network. */
const browserFrom = (remoteAddress: string) =>
  browserOf({ request: (options) => api.request({ ...options, remoteAddress }) }, issuers);
const asksOfSlow = () => issuers.asked.filter((one) => one === 'slow/token').length;
const claims = async () => Number((await api.sql('select count(*) from oauth_flows'))[0]?.count);

/** So many people of one network come back to a provider that hangs. */
async function crowdFrom(remoteAddress: string, size: number) {
  const browser = browserFrom(remoteAddress);
  const left = await Promise.all(Array.from({ length: size }, () => browser.depart('slow')));
  return () => left.map((one) => browser.arrive(one, issuers.authorize(one.location, ADA)));
}

describe('L20: a provider that hangs', () => {
  it('is given up within ten seconds, at most twenty requests of five networks wait, and the API answers meanwhile', async () => {
    await visit('slow', ADA);
    issuers.lie('slow', { answer: { token: () => {} } });
    const crowds = await Promise.all([1, 2, 3, 4, 5].map((n) => crowdFrom(`192.0.2.${n}`, 5)));
    const asked = asksOfSlow();
    const begun = Date.now();
    const waiting = Promise.all(crowds.flatMap((arrive) => arrive()));
    expect((await api.request({ url: '/health' })).statusCode).toBe(200);
    expect((await visit('corp', { ...ADA, sub: 'meanwhile', email: 'meanwhile@corp.example' })).found).toHaveProperty(
      'code',
    );
    const arrived = await waiting;
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(arrived.map(({ found }) => found.error)).toEqual(Array(25).fill('provider_error'));
    expect(asksOfSlow() - asked).toBe(20);
    issuers.repent();
    expect((await visit('slow', { ...ADA, sub: 'after', email: 'after@corp.example' })).found).toHaveProperty('code');
  });

  it('has half of its places for one network: people of another one sign in by it meanwhile', async () => {
    await visit('slow', ADA);
    issuers.lie('slow', { answer: { token: () => {} } });
    const [asked, claimed] = [asksOfSlow(), await claims()];
    const crowd = (await crowdFrom('192.0.2.1', 24))();
    let ended = 0;
    for (const one of crowd) void one.then(() => ended++);
    await expect.poll(claims).toBe(claimed + 24);
    const elsewhere = browserFrom('198.51.100.1');
    const grace = { sub: 'grace', email: 'grace@corp.example', email_verified: true };
    expect((await elsewhere.visit('corp', grace)).found).toHaveProperty('code');
    issuers.repent();
    expect((await elsewhere.visit('slow', { ...grace, email: 'grace-slow@corp.example' })).found).toHaveProperty(
      'code',
    );
    expect([asksOfSlow() - asked, ended]).toEqual([10 + 1, 0]);
    expect(await Promise.all(crowd)).toEqual(
      Array(24).fill(expect.objectContaining({ found: { error: 'provider_error' } })),
    );
  });
});

describe('the log', () => {
  it('says why a provider proved nobody, without what it sent', async () => {
    issuers.lie('liar', { claims: (claims) => ({ ...claims, aud: 'another' }) });
    const mine = await depart('liar');
    const back = issuers.authorize(mine.location, ADA);
    await arrive(mine, back);
    const lines = api.logs.filter(({ event }) => event === 'oauth.provider_failed');
    expect(lines.at(-1)).toMatchObject({ provider: 'liar', reason: expect.stringContaining('claim') });
    expect(JSON.stringify(api.logs)).not.toContain(back.searchParams.get('code'));
    expect(JSON.stringify(lines)).not.toContain('eyJ');
  });
});
