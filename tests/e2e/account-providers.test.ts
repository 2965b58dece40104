import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { examine, startBrowser, withoutBrowser } from '../helpers/browser.ts';
import { CLIENT } from '../helpers/issuer.ts';
import { startOidcProvider } from '../helpers/oidc-provider.ts';

const URL = 'http://localhost:8000';
/** Another site than ours: the browser keeps Strict cookies back when it leads here. */
const issuer = await startOidcProvider([`${URL}/auth/oauth/corp/callback`]);
afterAll(() => issuer.stop());
const api = startApi({
  ENVIRONMENT: 'development',
  RATE_LIMITS: 'false',
  OIDC_CORP_ISSUER: issuer.url,
  OIDC_CORP_CLIENT_ID: CLIENT.client_id,
  OIDC_CORP_CLIENT_SECRET: CLIENT.client_secret,
  OIDC_CORP_LABEL: 'Corp',
});
let browser: Browser;

let count = 0;
const person = () => {
  const sub = `browser-${++count}`;
  return { sub, email: `${sub}@corp.example`, email_verified: true, name: 'Ada' };
};

/** A page of a fresh browser, and what its console says. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(URL + path);
  return { page, problems };
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
}

describe.skipIf(withoutBrowser !== '')(`providers on the pages${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('one click signs in, and the code is neither in the address nor in the history', async () => {
    const who = person();
    issuer.expect(who);
    const { page, problems } = await open('/account/sign-in?next=devices');
    await page.getByRole('link', { name: 'Continue with Corp' }).press('Enter');
    await page.getByRole('heading', { name: 'Devices' }).waitFor();
    expect(page.url()).toBe(`${URL}/account/devices`);
    // The session's cookie came along, though the way led over another site.
    expect((await page.context().cookies(URL)).map(({ name, sameSite }) => [name, sameSite])).toEqual([
      ['session', 'Strict'],
    ]);
    await page.goBack();
    expect(page.url()).not.toContain('code=');
    await page.goto(`${URL}/account`);
    await page.getByText(who.email).waitFor();
    expect(problems).toEqual([]);
  });

  it('without script it takes one more click', async () => {
    const who = person();
    issuer.expect(who);
    const { page, problems } = await open('/account/sign-up?locale=de', {
      javaScriptEnabled: false,
      viewport: { width: 320, height: 800 },
    });
    await page.getByRole('link', { name: 'Weiter mit Corp' }).click();
    await page.getByRole('heading', { name: 'Du bist zurück' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.getByRole('button', { name: 'Anmelden' }).press('Enter');
    await page.getByRole('heading', { name: 'Dein Konto' }).waitFor();
    await page.getByText(who.email).waitFor();
    expect(problems).toEqual([]);
  });

  it('the page of the way back has no finding of axe', async () => {
    issuer.expect(person());
    const { page } = await open('/account/sign-in');
    // The script would go on from it at once.
    await page.route('**/assets/*.js', (route) => route.abort());
    await page.goto(`${URL}/account/provider?provider=corp`);
    await page.getByRole('heading', { name: 'You are back' }).waitFor();
    await examine(page, 'pages/account-provider-back');
  });

  it.each([
    ['with script', true],
    ['without script', false],
  ])('%s an account is linked and unlinked, by the keyboard alone', async (_how, javaScriptEnabled) => {
    const { email } = await api.user();
    const who = person();
    issuer.expect(who);
    const { page, problems } = await open('/account/sign-in', { javaScriptEnabled });
    await signIn(page, email);
    await page.getByRole('link', { name: 'Linked accounts' }).press('Enter');
    await page.getByText('Nothing is linked yet.').waitFor();
    await page.getByRole('button', { name: 'Link Corp' }).press('Enter');
    await page.getByText(who.email).waitFor();
    expect(page.url()).toBe(`${URL}/account/identities`);
    if (javaScriptEnabled) await examine(page, 'pages/account-identities');
    expect(
      await api.sql('select provider from identities join users on users.id = user_id where users.email = $1', [email]),
    ).toEqual([{ provider: 'corp' }]);
    await page.getByRole('button', { name: `Unlink: Corp, ${who.email}` }).press('Enter');
    await page.getByText('Nothing is linked yet.').waitFor();
    expect(problems).toEqual([]);
  });

  it('a person who cancels, and one whose address has an account, are told what to do', async () => {
    issuer.expect();
    const { page, problems } = await open('/account/sign-in');
    await page.getByRole('link', { name: 'Continue with Corp' }).click();
    await page.getByText('You cancelled at the provider.').waitFor();
    await examine(page, 'pages/account-provider-cancelled');
    await page.getByRole('link', { name: 'Sign in' }).click();

    const { email } = await api.user();
    const who = { ...person(), email };
    issuer.expect(who);
    await page.getByRole('link', { name: 'Continue with Corp' }).click();
    await page.getByText('An account has this address already.').waitFor();
    await examine(page, 'pages/account-provider-known-address');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    // It leads on to where the provider is linked.
    await page.getByRole('button', { name: 'Link Corp' }).click();
    await page.getByRole('button', { name: `Unlink: Corp, ${email}` }).waitFor();
    expect(problems).toEqual([]);
  });
});
