import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { jobs } from '../../src/app/jobs/index.ts';
import { runDueJobs } from '../../src/app/services/system/worker.ts';
import { pagesOf } from '../../src/web/pages/registry.ts';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { examine, startBrowser, withoutBrowser } from '../helpers/browser.ts';
import { casesOf } from '../helpers/short-form.ts';

const URL = 'http://localhost:8000';
const NEW_PASSWORD = 'another horse, another staple';

/** Its name is as long as one may be read in 320 px. */
const PROVIDER = {
  OIDC_CORP_ISSUER: 'http://127.0.0.1:9',
  OIDC_CORP_CLIENT_ID: 'back-client',
  OIDC_CORP_LABEL: 'Vereinigte Donaudampfschifffahrts-Gesellschaft',
};
const api = startApi({ ENVIRONMENT: 'development', RATE_LIMITS: 'false', EMAIL_LOGIN: 'true', ...PROVIDER });
const reached = pagesOf({ email_login: true }).filter(({ opened_by }) => opened_by === undefined);
const isSetting = ({ access }: { access?: string }): boolean => access === 'signed_in' || access === 'fresh';
const pathOf = ({ path }: { path: string }): string => (path === '' ? '/account' : `/account/${path}`);
/** Of a person who is not signed in, and of one who is. */
const pages = reached.filter((page) => !isSetting(page)).map(pathOf);
const settings = reached.filter(isSetting).map(pathOf);
let browser: Browser;

/** A page of a fresh browser, and what it refused, could not load or asked of another host. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // Chromium writes each refused form into its console.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(URL) && !request.url().startsWith('data:')) problems.push(request.url());
  });
  await page.goto(URL + path);
  return { page, problems };
}

/** Opens the newest mail to an address in the inbox of the development server, and follows its first link. */
async function followMail(page: Page, email: string): Promise<string> {
  const handlers = jobs.handlers.filter(({ kind }) => kind.startsWith('mail.'));
  await runDueJobs(api.app.ctx, { handlers, schedules: [] });
  await page.goto(`${URL}/dev/mails`);
  await page.locator('li', { hasText: email }).first().locator('a').click();
  const code = (await page.locator('.code').allInnerTexts()).join('').replace(/\D/g, '');
  await page.locator('a.button, a.second').first().click();
  await page.locator('main').waitFor();
  return code;
}

const statusOfLogin = async (email: string, password: string) =>
  (await api.request({ method: 'POST', url: '/auth/login', payload: { email, password } })).statusCode;
const isVerified = async (email: string) =>
  (
    await api.sql<{ verified: boolean }>(
      `select email_verified_at is not null as verified from users where email = $1`,
      [email],
    )
  )[0]?.verified;

describe.skipIf(withoutBrowser !== '')(`the account pages${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('a registered person verifies the address by the mail’s link, forgets the password and sets another one', async () => {
    const { email } = await api.user();
    const { page, problems } = await open('/account');
    await followMail(page, email);
    expect(page.url()).toBe(`${URL}/account/verify`);
    expect(await page.getByLabel('Code').isVisible()).toBe(false);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Verify the address' }).click();
    await page.getByRole('heading', { name: 'Your address is verified' }).waitFor();
    expect(await isVerified(email)).toBe(true);

    await page.getByRole('link', { name: 'Back API' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByLabel('E-mail address').fill(email);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    await followMail(page, email);
    expect(page.url()).toBe(`${URL}/account/reset-password`);
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await page.evaluate('document.activeElement.className')).toBe('problems');
    expect(await page.title()).toBe('That did not work: Set a new password · Back API');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('password');
    await page.keyboard.type(NEW_PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your new password is set' }).waitFor();
    expect([await statusOfLogin(email, PASSWORD), await statusOfLogin(email, NEW_PASSWORD)]).toEqual([401, 200]);
    expect(problems).toEqual([]);
  });

  it('without script the page asks for the code instead of the link', async () => {
    const { email } = await api.user();
    const { page, problems } = await open('/account', { javaScriptEnabled: false });
    const code = await followMail(page, email);
    // A locator of texts leaves the content of noscript out.
    expect(await page.locator('.note').innerText()).toContain('Without script this page cannot read the link.');
    expect(await page.getByRole('button', { name: 'Show' }).count()).toBe(0);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Code').fill(code);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Verify the address' }).click();
    await page.getByRole('heading', { name: 'Your address is verified' }).waitFor();
    expect(await isVerified(email)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('the token is neither in the address nor in the history, and goes along into another language', async () => {
    const { email } = await api.user();
    const { page } = await open('/account');
    await followMail(page, email);
    const token = await page.locator('input[name=token]').inputValue();
    expect(token).toMatch(/^[\w-]{50,}$/);
    await page.getByRole('link', { name: 'Deutsch' }).click();
    await page.getByRole('heading', { name: 'Adresse bestätigen' }).waitFor();
    expect(await page.locator('input[name=token]').inputValue()).toBe(token);
    expect(page.url()).toBe(`${URL}/account/verify?locale=de`);
    await page.goBack();
    expect(page.url()).toBe(`${URL}/account/verify`);
  });

  it('a password is shown and hidden by its button, and is a password again as the form is sent', async () => {
    const { page } = await open(`/account/verify#token=not-a-token`);
    const password = page.getByLabel('Password', { exact: true });
    await password.fill(PASSWORD);
    await page.getByRole('button', { name: 'Show: Password' }).click();
    expect(await password.getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Show: Password', pressed: true }).click();
    expect(await password.getAttribute('type')).toBe('password');
  });

  it.each(casesOf(pages, 4))(
    '%s has no finding of axe, in light and dark, as it opens and after a mistake',
    async (path) => {
      const { page, problems } = await open(path);
      const name = `pages/${path.slice(1).replaceAll('/', '-')}`;
      await examine(page, name);
      const button = page.locator('form button[type=submit]').first();
      if ((await button.count()) > 0) {
        await button.click();
        await page.getByRole('alert').waitFor();
        await examine(page, `${name}-problems`);
      }
      expect(problems).toEqual([]);
    },
  );

  it('a person signs up, sets up an authenticator app, signs out and in with its code, by the keyboard alone', async () => {
    const { page, problems } = await open('/account');
    await page.getByRole('link', { name: 'Open an account' }).press('Enter');
    await page.getByLabel('E-mail address').fill('keys.alone@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await api.sql(`update users set email_verified_at = now() where email = 'keys.alone@example.com'`);
    await page.getByRole('link', { name: 'Authenticator app' }).press('Enter');
    await page.getByRole('link', { name: 'Add an app' }).press('Enter');
    await page.getByRole('button', { name: 'Show the QR code' }).press('Enter');
    await page.getByRole('img', { name: 'QR code of the key' }).waitFor();
    await examine(page, 'pages/account-authenticator-secret');
    const secret = (await page.locator('main code').innerText()).replaceAll(' ', '');
    const { codeOfStep, fromBase32, stepsAt } = await import('../../src/app/services/auth/factors/totp.ts');
    const [step = 0] = stepsAt(new Date());
    await page.getByLabel('Code of the app').fill(codeOfStep(fromBase32(secret), step));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your app is on' }).waitFor();
    await examine(page, 'pages/account-recovery-codes-shown');
    const recovery = await page.locator('.codes code').first().innerText();
    await page.getByRole('link', { name: 'Your account' }).press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('E-mail address').fill('keys.alone@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await examine(page, 'pages/account-second-factor');
    await page.getByText('I do not have the app at hand').press('Enter');
    await page.getByLabel('Recovery code').fill(recovery);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    expect(problems).toEqual([]);
  });

  it.each(casesOf(settings, 6))('%s has no finding of axe when signed in', async (path) => {
    const { email } = await api.user();
    const { page, problems } = await open('/account/sign-in');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await page.goto(URL + path);
    expect(new globalThis.URL(page.url()).pathname).toBe(path);
    const end = await page.evaluate(`(() => {
      const words = document.createRange();
      words.selectNodeContents(document.querySelector('.sign-out button'));
      const rights = [words, document.querySelector('main')].map((one) => one.getBoundingClientRect().right);
      return Math.abs(rights[0] - rights[1]);
    })()`);
    expect(end, path).toBeLessThanOrEqual(1);
    await examine(page, `pages/signed-in-${path.slice(1).replaceAll('/', '-')}`);
    for (const locale of ['de', 'fr', 'es', 'it', 'pt', 'pl']) {
      await page.goto(`${URL}${path}?locale=${locale}`);
      expect(await page.evaluate('document.documentElement.scrollWidth'), locale).toBe(320);
    }
    expect(problems).toEqual([]);
  });

  it('twice the text size and forced colours leave every setting usable', async () => {
    const { email } = await api.user();
    const { page } = await open('/account/sign-in', { viewport: { width: 640, height: 900 }, forcedColors: 'active' });
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    for (const path of casesOf(settings, 3, 1)) {
      await page.goto(URL + path);
      await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(640);
    }
  });

  it.each(casesOf([...pages, ...settings], 5, 2))(
    '%s is walked by Tab in the order of its text, with a focus that is seen, and is left again',
    async (path) => {
      const { email } = await api.user();
      const { page } = await open('/account/sign-in', { forcedColors: 'active' });
      if (settings.includes(path)) {
        await page.getByLabel('E-mail address').fill(email);
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      }
      await page.goto(URL + path);
      await page.evaluate(`(() => {
        document.activeElement?.blur();
        getSelection()?.removeAllRanges();
        const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')];
        window.reachable = all.filter((one) => !one.disabled && one.checkVisibility({ checkVisibilityCSS: true }));
      })()`);
      const count = Number(await page.evaluate('window.reachable.length'));
      const walked: number[] = [];
      for (let presses = 0; presses <= count; presses++) {
        await page.keyboard.press('Tab');
        const [index, outline] = (await page.evaluate(`(() => {
          const { activeElement: e } = document;
          const { outlineStyle, outlineWidth } = getComputedStyle(e);
          return [window.reachable.indexOf(e), outlineStyle === 'none' ? 0 : parseFloat(outlineWidth)];
        })()`)) as [number, number];
        if (index === -1) break;
        expect([index, outline >= 2]).toEqual([index, true]);
        walked.push(index);
      }
      expect([count > 0, walked]).toEqual([true, [...Array(count).keys()]]);
    },
  );

  it('a page that says what happened has no finding either', async () => {
    const { page } = await open('/account/forgot-password');
    await page.getByLabel('E-mail address').fill('a.very.long.name.of.a.person.without.account@mail.example.com');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    await examine(page, 'pages/account-forgot-password-done');
  });

  it('in every language the longest words fit into 320 px', async () => {
    const { page } = await open('/account', { viewport: { width: 320, height: 800 } });
    for (const path of casesOf(pages, 4, 1)) {
      for (const locale of ['de', 'fr', 'es', 'it', 'pt', 'pl']) {
        await page.goto(`${URL}${path}?locale=${locale}`);
        expect(await page.evaluate('document.documentElement.scrollWidth'), `${path} ${locale}`).toBe(320);
      }
    }
  });
});
