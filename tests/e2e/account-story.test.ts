import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { jobs } from '../../src/app/jobs/index.ts';
import { codeOfStep, fromBase32, stepsAt } from '../../src/app/services/auth/factors/totp.ts';
import { runDueJobs } from '../../src/app/services/system/worker.ts';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { startBrowser, withoutBrowser } from '../helpers/browser.ts';
import { CLIENT } from '../helpers/issuer.ts';
import { startOidcProvider } from '../helpers/oidc-provider.ts';
import { addAuthenticator } from '../helpers/virtual-authenticator.ts';

const URL = 'http://localhost:8000';
const EMAIL = 'ada.lovelace@example.com';
const issuer = await startOidcProvider([`${URL}/auth/oauth/corp/callback`]);
afterAll(() => issuer.stop());
let moved = 0;
const clock = { now: () => new Date(Date.now() + moved) };
const api = startApi(
  {
    ENVIRONMENT: 'development',
    RATE_LIMITS: 'false',
    OIDC_CORP_ISSUER: issuer.url,
    OIDC_CORP_CLIENT_ID: CLIENT.client_id,
    OIDC_CORP_CLIENT_SECRET: CLIENT.client_secret,
    OIDC_CORP_LABEL: 'Corp',
  },
  { clock },
);
let browser: Browser;

async function open(): Promise<{ page: Page; authenticator: (isHere: boolean) => Promise<void> }> {
  const context = await browser.newContext({ locale: 'en-GB' });
  onTestFinished(() => context.close());
  // An authenticator that is always there would take the offer in the address's field at once.
  await context.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
  const page = await context.newPage();
  const { present } = await addAuthenticator(page, { automaticPresenceSimulation: false });
  return { page, authenticator: present };
}

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor();

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await heading(page, 'Sign in');
}

async function enterPassword(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill(EMAIL);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** The newest mail in the inbox of the development server. */
async function openMail(page: Page): Promise<void> {
  const handlers = jobs.handlers.filter(({ kind }) => kind.startsWith('mail.'));
  await runDueJobs(api.app.ctx, { handlers, schedules: [] });
  await page.goto(`${URL}/dev/mails`);
  await page.locator('li', { hasText: EMAIL }).first().locator('a').click();
}

/** The code of the next step, since each counts once. */
function codeOf(secret: string): string {
  moved += 30_000;
  return codeOfStep(fromBase32(secret), stepsAt(clock.now())[0] ?? 0);
}

describe.skipIf(withoutBrowser !== '')(`the story of an account${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('is told in one browser, from the first page to the last', async () => {
    const { page, authenticator } = await open();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      // Chromium writes each refused form into its console.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text());
    });

    // She signs up, and verifies the address by the mail's link.
    await page.goto(`${URL}/account/sign-up`);
    await page.getByLabel('E-mail address').fill(EMAIL);
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Name').fill('Ada');
    await page.getByRole('button', { name: 'Open the account' }).click();
    await heading(page, 'Your account');
    await page.getByText('Your address is not verified yet.').waitFor();
    await openMail(page);
    await page.locator('a.button').first().click();
    await heading(page, 'Verify your address');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Verify the address' }).click();
    await heading(page, 'Your address is verified');

    // She turns an authenticator app on.
    await page.goto(`${URL}/account`);
    await heading(page, 'Your account');
    expect(await page.getByText('Your address is not verified yet.').count()).toBe(0);
    await page.getByRole('link', { name: 'Authenticator app' }).click();
    await page.getByRole('link', { name: 'Add an app' }).click();
    await page.getByLabel('Name of the app').fill('My phone');
    await page.getByRole('button', { name: 'Show the QR code' }).click();
    const secret = (await page.locator('main code').innerText()).replaceAll(' ', '');
    await page.getByLabel('Code of the app').fill(codeOf(secret));
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await heading(page, 'Your app is on');
    const recoveryCodes = await page.locator('.codes code').allInnerTexts();
    expect(recoveryCodes).toHaveLength(10);
    await page.getByRole('link', { name: 'Your account' }).click();

    // She signs out, and in with the app's code.
    await signOut(page);
    await enterPassword(page);
    await heading(page, 'One more step');
    await page.getByLabel('Code of the app').fill(codeOf(secret));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await heading(page, 'Your account');

    // She adds a passkey, and signs in by it alone.
    await page.getByRole('link', { name: 'Passkeys' }).click();
    await page.getByRole('link', { name: 'Add a passkey' }).click();
    await page.getByLabel('Name of the passkey').fill('My laptop');
    await authenticator(true);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('My laptop').waitFor();
    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await heading(page, 'Your account');
    await authenticator(false);

    // She links an account of a provider. It does not stand in for the second factor.
    issuer.expect({ sub: 'ada', email: 'ada@corp.example', email_verified: true });
    await page.getByRole('link', { name: 'Linked accounts' }).click();
    await page.getByRole('button', { name: 'Link Corp' }).click();
    await page.getByRole('button', { name: 'Unlink: Corp, ada@corp.example' }).waitFor();
    await signOut(page);
    await page.getByRole('link', { name: 'Continue with Corp' }).click();
    await heading(page, 'One more step');

    // The phone is lost: a recovery code gets her in, and the app goes.
    await page.getByText('I do not have the app at hand').click();
    await page.getByLabel('Recovery code').fill(recoveryCodes[3] ?? '');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await heading(page, 'Your account');
    await page.getByRole('link', { name: 'Authenticator app' }).click();
    await page.getByText('Recovery codes that are left: 9.').waitFor();
    await page.getByRole('button', { name: 'Remove: My phone' }).click();
    await page.getByText('Your account has none yet.').waitFor();
    await signOut(page);
    await enterPassword(page);
    await heading(page, 'Your account');

    // Each step was told by a mail.
    const kinds = await api.sql<{ kind: string }>(
      `select distinct payload->>'kind' as kind from jobs where kind like 'mail.%'`,
    );
    expect(kinds.map(({ kind }) => kind).sort()).toEqual([
      'notice.factor.added',
      'notice.factor.removed',
      'notice.identity.linked',
      'notice.passkey.added',
      'verify_email',
    ]);

    // She deletes the account, and nothing of it is left.
    await page.goto(`${URL}/account`);
    await page.getByRole('link', { name: 'Delete the account' }).click();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Delete my account' }).click();
    await heading(page, 'Your account is deleted');
    for (const table of ['users', 'sessions', 'factors', 'passkeys', 'identities', 'recovery_codes'])
      expect(await api.sql(`select 1 from ${table}`), table).toEqual([]);
    await page.goto(`${URL}/account/sign-in`);
    await enterPassword(page);
    await page.getByText('The address or the password is wrong.').first().waitFor();
    await page.goto(`${URL}/account/sign-in`);
    await authenticator(true);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('The passkey was not accepted. Try again.').first().waitFor();
    expect(problems).toEqual([]);
  });
});
