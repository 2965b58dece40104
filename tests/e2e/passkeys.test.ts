import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsOf, startApi } from '../helpers/api.ts';
import { startBrowser, withoutBrowser } from '../helpers/browser.ts';
import { addAuthenticator } from '../helpers/virtual-authenticator.ts';

const api = startApi({ ENVIRONMENT: 'development', RATE_LIMITS: 'false' });
let browser: Browser;

const post = async (url: string, payload: object, token?: string) =>
  api.request({ method: 'POST', url, payload, ...(token !== undefined && { token }) });

async function verified() {
  const user = await api.user();
  await api.sql('update users set email_verified_at = now() where id = $1', [user.id]);
  return user;
}

/** A page of the API's origin with an authenticator that Chromium plays. */
async function openWithAuthenticator(
  options: Record<string, boolean | string> = {},
): Promise<{ page: Page; context: BrowserContext; cdp: CDPSession; authenticatorId: string }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto('http://localhost:8000/account/forgot-password');
  const { cdp, authenticatorId } = await addAuthenticator(page, options);
  return { page, context, cdp, authenticatorId };
}

/** The ceremony in the page; gives the credential, or the name of the browser's refusal. */
function create(page: Page, options: unknown): Promise<Record<string, unknown> | string> {
  return page.evaluate(`navigator.credentials
    .create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)}) })
    .then((credential) => credential.toJSON(), ({ name }) => name)`);
}

function get(page: Page, options: unknown): Promise<Record<string, unknown> | string> {
  return page.evaluate(`navigator.credentials
    .get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}) })
    .then((credential) => credential.toJSON(), ({ name }) => name)`);
}

describe.skipIf(withoutBrowser !== '')(`a browser with an authenticator${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
  });
  afterAll(async () => {
    await browser?.close();
  });

  it.each([
    ['a synced one', { defaultBackupEligibility: true, defaultBackupState: true }, 'swk', true],
    ['one on a device', { transport: 'usb' }, 'hwk', false],
  ] as const)('adds a passkey, %s, and logs in by it time and again', async (_kind, options, method, backed_up) => {
    const user = await verified();
    const { page, context, cdp, authenticatorId } = await openWithAuthenticator(options);
    const creation = (await post('/auth/me/passkeys/options', {}, user.access_token)).json();
    const credential = await create(page, creation.options);
    const { challenge_id } = creation;
    const added = await post('/auth/me/passkeys', { challenge_id, credential }, user.access_token);
    expect(added.statusCode, added.body).toBe(201);
    expect(added.json()).toMatchObject({ backed_up });
    for (let time = 0; time < 2; time++) {
      const request = (await post('/auth/passkeys/options', {})).json();
      const assertion = await get(page, request.options);
      const pair = await post('/auth/passkeys/login', { challenge_id: request.challenge_id, credential: assertion });
      expect(pair.statusCode, pair.body).toBe(200);
      expect(claimsOf(pair.json().access_token)).toMatchObject({ sub: user.id, amr: [method, 'user'], acr: '2' });
    }
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toHaveLength(1);
    await context.close();
  });

  it('is asked for no second passkey of the account', async () => {
    const user = await verified();
    const { page, context } = await openWithAuthenticator();
    const creation = (await post('/auth/me/passkeys/options', {}, user.access_token)).json();
    const { challenge_id } = creation;
    const credential = await create(page, creation.options);
    expect((await post('/auth/me/passkeys', { challenge_id, credential }, user.access_token)).statusCode).toBe(201);
    const again = (await post('/auth/me/passkeys/options', {}, user.access_token)).json();
    expect(await create(page, again.options)).toBe('InvalidStateError');
    await context.close();
  });

  it('makes no passkey whose user it did not verify', async () => {
    const user = await verified();
    const { page, context } = await openWithAuthenticator({ isUserVerified: false });
    const creation = (await post('/auth/me/passkeys/options', {}, user.access_token)).json();
    expect(await create(page, { ...creation.options, timeout: 2000 })).toBe('NotAllowedError');
    await context.close();
  });
});
