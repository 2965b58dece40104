import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestApi } from '../helpers/api.ts';
import { startDelayProxy } from '../helpers/delay-proxy.ts';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { CLIENT, type Lies, type Person, startIssuers } from '../helpers/issuer.ts';
import { serveApp } from '../helpers/served-app.ts';
import { browserOf } from '../helpers/social.ts';
import { startTcpProxy } from '../helpers/tcp-proxy.ts';

/** A step asks at most three times, each for three seconds. */
const STEP_MS = 9500;
/** The round trip of each request; three seconds are the end of one. */
const SLOW_MS = 1500;

const issuers = await startIssuers();
const issuerPort = Number(new URL(issuers.url).port);
const frozen = await startTcpProxy(issuerPort);
const slow = await startDelayProxy(issuerPort, SLOW_MS);
afterAll(async () => {
  issuers.stop();
  await Promise.all([frozen.close(), slow.close()]);
});
afterEach(() => frozen.pass());

/** Where the API finds each issuer: behind a proxy of its own. */
const ADDRESSES: Record<string, string> = {
  frozen: frozen.before(issuers.url).replace(/\/$/, ''),
  unseen: frozen.before(issuers.url).replace(/\/$/, ''),
  slow: slow.before(issuers.url).replace(/\/$/, ''),
  liar: issuers.url,
};
const settings = Object.fromEntries(
  Object.entries(ADDRESSES).flatMap(([name, url]) => [
    [`OIDC_${name.toUpperCase()}_ISSUER`, `${url}/${name}`],
    [`OIDC_${name.toUpperCase()}_CLIENT_ID`, CLIENT.client_id],
    [`OIDC_${name.toUpperCase()}_CLIENT_SECRET`, CLIENT.client_secret],
    [`OIDC_${name.toUpperCase()}_DOMAINS`, 'corp.example'],
  ]),
);
const APP = 'https://app.example.com/signed-in';
const scene = openFaultScene({
  serve: ({ url }) => serveApp(url, { ...settings, OAUTH_REDIRECTS: APP }),
});

/** The same requests as of the tests in the process, by the network. */
const request = async ({ method = 'GET', url, headers, payload }: Parameters<TestApi['request']>[0]) => {
  const answer = await fetch(`${scene.app.url}${url}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(headers as Record<string, string>),
      ...(payload !== undefined && { 'content-type': 'application/json' }),
    },
    ...(payload !== undefined && { body: JSON.stringify(payload) }),
  });
  const body = await answer.text();
  return { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body, json: () => JSON.parse(body) };
};
const { depart, arrive, exchange } = browserOf({ request: request as unknown as TestApi['request'] }, issuers);

let count = 0;
/** The owner of an account that clients of the scene have opened; the provider runs its mailbox. */
async function person(): Promise<Person> {
  const email = `provided-${++count}@corp.example`;
  await request({
    method: 'POST',
    url: '/auth/register',
    payload: { email, password: 'correct horse battery staple' },
  });
  await scene.postgres.sql('update users set email_verified_at = now() where email = $1', [email]);
  return { sub: `provided-${count}`, email, email_verified: true };
}
/** What makes an issuer say the names by which the API knows it. */
function known(name: string, lies: Lies = {}): void {
  const address = ADDRESSES[name] ?? '';
  issuers.lie(name, {
    discovery: (document) => JSON.parse(JSON.stringify(document).replaceAll(issuers.url, address)),
    claims: (claims) => ({ ...claims, iss: `${address}/${name}` }),
    ...lies,
  });
}
async function leave(name: string) {
  const who = await person();
  const departed = await depart(name);
  const back = issuers.authorize(departed.location, who);
  back.searchParams.set('iss', `${ADDRESSES[name]}/${name}`);
  return { departed, back };
}
async function signIn(name: string) {
  const { departed, back } = await leave(name);
  return exchange(await arrive(departed, back));
}
const identities = () => scene.postgres.sql('select provider, subject, user_id from identities order by id');
const unserved = () => scene.traffic.answers.filter(({ status }) => status === 503 || status === 0);

describe('an identity provider', () => {
  beforeAll(() => {
    for (const name of Object.keys(ADDRESSES)) known(name);
  });

  it('is frozen: each step is told at its deadline, nobody else waits, and it is found when it goes on', async () => {
    expect((await signIn('frozen')).statusCode).toBe(200);
    const waiting = await Promise.all(Array.from({ length: 10 }, () => leave('frozen')));
    const before = await identities();
    frozen.stall();
    const begun = performance.now();
    let told = 0;
    const steps = waiting.map(async ({ departed, back }) => {
      const { found } = await arrive(departed, back);
      told++;
      return found;
    });
    // Its document is known: a start asks for nothing.
    await depart('frozen');
    expect(told).toBe(0);
    const start = await request({ url: `/auth/oauth/unseen/start?code_challenge=${'a'.repeat(43)}` });
    expect([start.statusCode, start.json().code, Number(start.headers['retry-after']) > 0]).toEqual([
      503,
      'service_unavailable',
      true,
    ]);
    const page = await request({ url: '/account/provider?provider=unseen' });
    expect([page.statusCode, page.body.includes('The provider does not answer right now.')]).toEqual([503, true]);
    expect(await Promise.all(steps)).toEqual(Array(10).fill({ error: 'provider_error' }));
    expect(performance.now() - begun).toBeLessThan(2 * STEP_MS);
    expect(await identities()).toEqual(before);
    await frozen.pass();
    expect((await signIn('frozen')).statusCode).toBe(200);
    expect((await signIn('unseen')).statusCode).toBe(200);
    expect(unserved()).toEqual([]);
    await expectRecovery({ ...scene, is_felt: false });
  });

  it('is slow: who signs in by it waits for it, and nobody else does', async () => {
    const begun = performance.now();
    expect((await signIn('slow')).statusCode).toBe(200);
    expect(performance.now() - begun).toBeGreaterThan(2 * SLOW_MS);
    const left = await Promise.all(Array.from({ length: 8 }, () => leave('slow')));
    expect((await signIn('liar')).statusCode).toBe(200);
    const honest = await leave('liar');
    let ended = 0;
    const others = left.map(async ({ departed, back }) => {
      const arrived = await arrive(departed, back);
      ended++;
      return exchange(arrived);
    });
    const arrived = await arrive(honest.departed, honest.back);
    expect([arrived.status, ended]).toEqual([303, 0]);
    expect((await exchange(arrived)).statusCode).toBe(200);
    expect((await Promise.all(others)).map(({ statusCode }) => statusCode)).toEqual(Array(8).fill(200));
    expect(unserved()).toEqual([]);
    await expectRecovery({ ...scene, is_felt: false });
  });

  it('lies for a while: nobody is signed in by it, and everybody once it is honest', async () => {
    expect((await signIn('liar')).statusCode).toBe(200);
    const signed = (claims: object) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'two' }).sign(issuers.stranger);
    const before = await identities();
    const lies: Lies[] = [
      { sign: (claims) => issuers.sign(claims, issuers.stranger) },
      { sign: signed },
      { claims: (claims) => ({ ...claims, iss: `${issuers.url}/liar`, aud: 'another client' }) },
      { claims: (claims) => ({ ...claims, iss: `${issuers.url}/slow` }) },
      { claims: (claims) => ({ ...claims, nonce: 'another nonce' }) },
    ];
    for (const lie of lies) {
      known('liar', lie);
      const { departed, back } = await leave('liar');
      expect((await arrive(departed, back)).found).toEqual({ error: 'provider_error' });
    }
    expect(await identities()).toEqual(before);
    known('liar');
    expect((await signIn('liar')).statusCode).toBe(200);
    expect(unserved()).toEqual([]);
    await expectRecovery({ ...scene, is_felt: false });
  });
});
