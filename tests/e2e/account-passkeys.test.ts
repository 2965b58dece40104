import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { findingsOf, startBrowser, takePicture, withoutBrowser } from '../helpers/browser.ts';
import { addAuthenticator } from '../helpers/virtual-authenticator.ts';

const URL = 'http://localhost:8000';
const api = startApi({ ENVIRONMENT: 'development', RATE_LIMITS: 'false' });
let browser: Browser;

/** A page whose browser has an authenticator that Chromium plays. It answers when `present` says that its owner is there. */
async function openWithAuthenticator(): Promise<{ page: Page; present: (isHere: boolean) => Promise<void> }> {
  const context = await browser.newContext({ locale: 'en-GB' });
  onTestFinished(() => context.close());
  // An authenticator that is always there would take the offer in the address's field at once.
  await context.addInitScript(
    'PublicKeyCredential.isConditionalMediationAvailable = async () => globalThis.offers === true',
  );
  const page = await context.newPage();
  const { present } = await addAuthenticator(page, { automaticPresenceSimulation: false });
  return { page, present };
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto(`${URL}/account/sign-in`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
}

async function verified(): Promise<string> {
  const { id, email } = await api.user();
  await api.sql('update users set email_verified_at = now() where id = $1', [id]);
  return email;
}

describe.skipIf(withoutBrowser !== '')(`passkeys on the pages${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('one is added, signs in, proves its owner once more, and is removed', async () => {
    const email = await verified();
    const { page, present } = await openWithAuthenticator();
    await signIn(page, email);
    await page.getByRole('link', { name: 'Passkeys' }).click();
    await page.getByText('Your account has none yet.').waitFor();
    await page.getByRole('link', { name: 'Add a passkey' }).click();
    expect(await findingsOf(page)).toEqual([]);
    await takePicture(page, 'pages/account-add-passkey');
    await page.getByLabel('Name of the passkey').fill('My laptop');
    await present(true);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('My laptop').waitFor();
    expect(new globalThis.URL(page.url()).pathname).toBe('/account/passkeys');
    expect(await findingsOf(page)).toEqual([]);
    await takePicture(page, 'pages/account-passkeys');

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    expect(page.url()).toBe(`${URL}/account`);

    // The next sign-in takes it from the field of the address, without a click.
    await page.context().addInitScript('globalThis.offers = true');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${URL}/account`);
    await page.getByRole('heading', { name: 'Your account' }).waitFor();

    await api.sql(`update sessions set authenticated_at = now() - interval '1 hour'`);
    await page.getByRole('link', { name: 'Passkeys' }).click();
    await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
    await page.getByRole('button', { name: 'Remove: My laptop' }).click();
    await page.getByText('Your account has none yet.').waitFor();
    expect(await api.sql('select 1 from passkeys')).toEqual([]);
  });

  it('an answer of another ceremony is refused in a sentence, and the form asks anew', async () => {
    const email = await verified();
    const { page } = await openWithAuthenticator();
    await page.goto(`${URL}/account/sign-in`);
    const form = page.locator('form[data-autofill]');
    const credential = {
      id: 'AAAA',
      rawId: 'AAAA',
      type: 'public-key',
      response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' },
    };
    await form.evaluate((element, text) => {
      const { elements } = element as unknown as { elements: Record<string, { value: string }> };
      if (elements.credential) elements.credential.value = text;
      (element as unknown as { submit: () => void }).submit();
    }, JSON.stringify(credential));
    await page.getByText('The passkey was not accepted. Try again.').first().waitFor();
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible()).toBe(true);
    expect(
      await api.sql('select 1 from sessions join users on users.id = user_id where email = $1', [email]),
    ).toHaveLength(1);
  });

  it('a browser that knows none is shown no button, and is told so where one is added', async () => {
    const email = await verified();
    const context = await browser.newContext({ locale: 'en-GB' });
    onTestFinished(() => context.close());
    await context.addInitScript('delete globalThis.PublicKeyCredential');
    const page = await context.newPage();
    await page.goto(`${URL}/account/sign-in`);
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0);
    await signIn(page, email);
    await page.goto(`${URL}/account/add-passkey`);
    expect(await page.getByText('Passkeys need script').isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Add a passkey' }).count()).toBe(0);
  });
});
