import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startApi } from '../helpers/api.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const api = startApi();
let browser: Browser;
let url: string;

const skipped = existsSync(CHROMIUM) ? '' : ' (skipped: chromium is not installed)';

describe.skipIf(skipped !== '')(`the documentation pages${skipped}`, () => {
  beforeAll(async () => {
    url = `http://127.0.0.1:${await api.listen()}`;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });

  afterAll(async () => {
    await browser?.close();
  });

  it('/docs: Authorize logs in by the password flow, and the next call carries the token', async () => {
    const user = await api.user();
    const { page, problems } = await open('/docs');
    await page.click('button.authorize');
    const dialog = page.locator('.auth-container', { has: page.locator('#oauth_username') });
    await dialog.locator('#oauth_username').fill(user.email);
    await dialog.locator('#oauth_password').fill(PASSWORD);
    await dialog.locator('button.authorize').click();
    await page.locator('.auth-container', { hasText: 'Logout' }).waitFor();
    await page.locator('.btn-done').first().click();
    await execute(page, '/auth/me');
    await page.waitForSelector('.live-responses-table .response');
    const answer = await page.textContent('.live-responses-table .response');
    expect(answer).toContain('200');
    expect(answer).toContain(user.email);
    expect(problems).toEqual([]);
  });

  it('/docs: a pasted access token authorizes as well', async () => {
    const user = await api.user();
    const { page } = await open('/docs');
    await page.click('button.authorize');
    const dialog = page.locator('.auth-container', { hasText: 'bearer' }).last();
    await dialog.locator('input').fill(user.access_token);
    await dialog.locator('button.authorize').click();
    await page.locator('.btn-done').last().click();
    await execute(page, '/auth/me');
    await page.waitForSelector('.live-responses-table .response');
    expect(await page.textContent('.live-responses-table .response')).toContain(user.email);
  });

  it('/redoc shows every operation without anything from elsewhere', async () => {
    const { page, problems } = await open('/redoc');
    await page.getByRole('heading', { name: 'Open an account' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Who am I' }).count()).toBe(1);
    expect(problems).toEqual([]);
  });
});

async function execute(page: Page, path: string): Promise<void> {
  const operation = page.locator('.opblock-get', { has: page.locator(`[data-path="${path}"]`) });
  await operation.locator('.opblock-summary').click();
  const tryOut = operation.locator('button.try-out__btn');
  if ((await tryOut.count()) > 0 && !(await operation.locator('button.execute').count())) await tryOut.click();
  await operation.locator('button.execute').click();
}

/** ReDoc asks for its maker’s logo, which the page’s policy does not let out. */
const REFUSED_LOGO = 'https://cdn.redoc.ly/';

/** Opens a page and collects what the browser refused or could not load. */
async function open(path: string): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes(REFUSED_LOGO)) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (![url, 'blob:', 'data:', REFUSED_LOGO].some((origin) => request.url().startsWith(origin)))
      problems.push(request.url());
  });
  await page.goto(url + path);
  return { page, problems };
}
