import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLIENT, type Person } from '../../../../helpers/issuer.ts';
import { startOidcProvider } from '../../../../helpers/oidc-provider.ts';
import { startSocialApi } from '../../../../helpers/social.ts';

const issuer = await startOidcProvider(['http://localhost:8000/auth/oauth/real/callback']);
afterAll(() => issuer.stop());
const { depart, arrive, exchange, idToken } = await startSocialApi({
  OIDC_REAL_ISSUER: issuer.url,
  OIDC_REAL_CLIENT_ID: CLIENT.client_id,
  OIDC_REAL_CLIENT_SECRET: CLIENT.client_secret,
  OIDC_REAL_DOMAINS: 'real.example',
});
const ADA = { sub: 'ada', email: 'ada@real.example', email_verified: true, name: 'Ada' };
/** The keys are kept for five minutes, and asked for once more for one that is unknown if they are a minute old. */
const MINUTE_MS = 61_000;

let moved = 0;
const pass = (ms: number): void => {
  moved += ms;
  vi.setSystemTime(REAL.now() + moved);
};
const REAL = { now: Date.now };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  // What the tests before asked for is old.
  pass(2 * 3_600_000);
});
afterEach(() => {
  vi.useRealTimers();
});

const finish = async (mine: Awaited<ReturnType<typeof depart>>, back: URL): Promise<number> =>
  (await exchange(await arrive(mine, back))).statusCode;
const signIn = async (): Promise<number> => {
  const mine = await depart('real');
  return finish(mine, await issuer.authorize(mine.location, ADA));
};
const byToken = async (person: Person, key?: JWK): Promise<number> => {
  const nonce = randomUUID();
  return (await idToken('real', { nonce, id_token: await issuer.idToken(person, { nonce, ...(key && { key }) }) }))
    .statusCode;
};

describe('an issuer that changes its keys', () => {
  it('between two sign-ins is asked for them once more, and signs in', async () => {
    expect(await signIn()).toBe(200);
    const asked = issuer.keyRequests();
    await issuer.changeKeys('kept');
    pass(MINUTE_MS);
    expect(await signIn()).toBe(200);
    expect(issuer.keyRequests()).toBe(asked + 1);
    expect(await signIn()).toBe(200);
    expect(issuer.keyRequests()).toBe(asked + 1);
  });

  it('within a sign-in signs in by the new key', async () => {
    expect(await signIn()).toBe(200);
    pass(MINUTE_MS);
    const mine = await depart('real');
    const back = await issuer.authorize(mine.location, ADA);
    await issuer.changeKeys('gone');
    expect(await finish(mine, back)).toBe(200);
  });

  it('has tokens of the former key taken while it is published, and refused once it is gone', async () => {
    const former = issuer.key();
    expect(await byToken(ADA)).toBe(200);
    await issuer.changeKeys('kept');
    pass(MINUTE_MS);
    expect(await byToken(ADA)).toBe(200);
    expect(await byToken(ADA, former)).toBe(200);
    await issuer.changeKeys('gone');
    pass(MINUTE_MS);
    expect(await byToken(ADA)).toBe(200);
    expect(await byToken(ADA, former)).toBe(400);
  });

  it('is asked once for a key that nobody published, however often it comes and however many bring it at once', async () => {
    const stranger = { ...issuer.key(), kid: 'unknown' };
    await issuer.changeKeys('gone');
    expect(await byToken(ADA)).toBe(200);
    pass(MINUTE_MS);
    const asked = issuer.keyRequests();
    const many = await Promise.all(Array.from({ length: 16 }, () => byToken(ADA, stranger)));
    expect(many).toEqual(many.map(() => 400));
    expect(issuer.keyRequests()).toBe(asked + 1);
    for (let n = 0; n < 3; n++) expect(await byToken(ADA, stranger)).toBe(400);
    expect(issuer.keyRequests()).toBe(asked + 1);
    expect(await byToken(ADA)).toBe(200);
  });
});
