import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { startBrowser, withoutBrowser } from '../helpers/browser.ts';
import { describePng, readPng } from '../helpers/png.ts';

const ROOT = join(import.meta.dirname, '../..');
const PICTURE = 'docs/images/docs-page.png';
const SIZE = { width: 1000, height: 860 };
const REFRESH = 'UPDATE_PICTURES=true npm test -- tests/e2e/docs.test.ts';

const api = startApi();
let browser: Browser;
let url: string;

describe.skipIf(withoutBrowser !== '')(`the documentation pages${withoutBrowser}`, () => {
  beforeAll(async () => {
    const port = await api.listen();
    url = `http://127.0.0.1:${port}`;
    // The picture shows the address that everybody has at home.
    browser = await startBrowser(port);
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

  it('/docs: leaves nothing of the password and the tokens in the browser after Authorize, a reload and a close', async () => {
    const user = await api.user();
    const { page } = await open('/docs');
    const everything = `Promise.all([indexedDB.databases(), caches.keys()]).then((found) =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, found]))`;
    const stored = (): Promise<string> => page.evaluate(everything);
    await page.click('button.authorize');
    const dialog = page.locator('.auth-container', { has: page.locator('#oauth_username') });
    await dialog.locator('#oauth_username').fill(user.email);
    await dialog.locator('#oauth_password').fill(PASSWORD);
    await dialog.locator('button.authorize').click();
    await page.locator('.auth-container', { hasText: 'Logout' }).waitFor();
    const before = await stored();
    await page.reload();
    await page.waitForSelector('button.authorize');
    const { page: next } = await open('/docs');
    await next.waitForSelector('button.authorize');
    for (const text of [before, await stored()]) {
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(user.email);
      expect(text).not.toMatch(/eyJ/);
    }
    expect(await page.locator('button.authorize.unlocked').count()).toBeGreaterThan(0);
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

  // A product that shows another picture in its README, or none, is free to.
  it.skipIf(!readFileSync(join(ROOT, 'README.md'), 'utf8').includes(PICTURE))(
    'the picture in the README shows the page as it is',
    async () => {
      const page = await browser.newPage({ viewport: SIZE });
      await page.goto('http://localhost:8000/docs');
      await page.locator('.opblock').last().waitFor();
      const operations = await operationsOf(page);
      if (process.env.UPDATE_PICTURES === 'true') {
        const shown = operations.filter(({ top }) => top < SIZE.height).map(({ text }) => text);
        writeFileSync(join(ROOT, PICTURE), describePng(await page.screenshot(), shown.join('\n')));
      }
      const { description, ...size } = readPng(readFileSync(join(ROOT, PICTURE)));
      expect(size).toEqual(SIZE);
      // An area that a product takes away, or adds, makes no picture of the others stale.
      const living = new Set(operations.map(({ text }) => areaOf(text)));
      const shown = description.split('\n').filter((text) => living.has(areaOf(text)));
      const areas = new Set(shown.map(areaOf));
      const served = operations.map(({ text }) => text).filter((text) => areas.has(areaOf(text)));
      expect(shown.length).toBeGreaterThan(0);
      expect(shown, `refresh the picture by: ${REFRESH}`).toEqual(served.slice(0, shown.length));
    },
  );

  it('/redoc shows every operation without anything from elsewhere', async () => {
    const { page, problems } = await open('/redoc');
    await page.getByRole('heading', { name: /register Open an account$/ }).waitFor();
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

/** Each operation of the page as `GET /items List items`, and where it begins. */
async function operationsOf(page: Page): Promise<{ text: string; top: number }[]> {
  const summaries = await page.locator('.opblock-summary').all();
  return Promise.all(
    summaries.map(async (summary) => ({
      text: (await summary.innerText()).split(/\s+/).join(' ').trim(),
      top: (await summary.boundingBox())?.y ?? Number.POSITIVE_INFINITY,
    })),
  );
}

/** The first segment of the path of `GET /items List items`. */
function areaOf(operation: string): string | undefined {
  return operation.split('/')[1]?.split(' ')[0];
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
