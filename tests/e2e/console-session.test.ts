import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD, startApi, type TestUser } from '../helpers/api.ts';
import { startBrowser, withoutBrowser } from '../helpers/browser.ts';
import { openConsole, signIn, CONSOLE as URL } from '../helpers/console.ts';

const HOUR_MS = 3_600_000;
/** How far the API's clock is ahead, so that it finds tokens expired. */
let ahead_ms = 0;
const api = startApi(
  { CONSOLE_ENABLED: 'true', RATE_LIMITS: 'false' },
  { clock: { now: () => new Date(Date.now() + ahead_ms) } },
);
const empty = startApi({ CONSOLE_ENABLED: 'true' });
const prefixed = startApi({ CONSOLE_ENABLED: 'true', ROOT_PATH: '/api' });
let browser: Browser;
let admin: TestUser;

/** Opens a view in a new tab of the same browser. */
async function openTab(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(URL + path);
  return page;
}

/** An administrator's tabs, the first of which signed in. */
async function openTabs(...paths: string[]): Promise<{ pages: Page[]; context: BrowserContext; problems: string[] }> {
  const [first = '', ...others] = paths;
  const { page, problems } = await openConsole(browser, first);
  await signIn(page, admin);
  const pages = [page];
  for (const path of others) {
    const tab = await openTab(page.context(), path);
    await tab.locator('main .head').waitFor();
    pages.push(tab);
  }
  return { pages, context: page.context(), problems };
}

/** How many refreshes there are, and how many at once. */
function watchRefreshes(context: BrowserContext): { count: number; most: number } {
  const seen = { count: 0, most: 0 };
  let running = 0;
  const isRefresh = (request: { url: () => string }): boolean => request.url().endsWith('/auth/refresh');
  context.on('request', (request) => {
    if (!isRefresh(request)) return;
    seen.count++;
    seen.most = Math.max(seen.most, ++running);
  });
  const onEnd = (request: { url: () => string }): void => {
    if (isRefresh(request)) running--;
  };
  context.on('requestfinished', onEnd).on('requestfailed', onEnd);
  return seen;
}

const door = (page: Page) => page.getByRole('heading', { name: 'Sign in to the console' });
const ended = (page: Page) => page.getByRole('dialog', { name: 'Your session has ended' });

describe.skipIf(withoutBrowser !== '')(`the session of the console${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
    admin = await api.admin();
  });
  beforeEach(() => {
    ahead_ms = 0;
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('is refreshed by one tab for all of them', async () => {
    const { pages, context, problems } = await openTabs('/users', '/audit', '/jobs');
    const [first, second, third] = pages as [Page, Page, Page];
    const seen = watchRefreshes(context);
    ahead_ms = HOUR_MS;
    await first.getByRole('link', { name: 'Mails' }).click();
    await first.getByRole('heading', { name: 'Mails' }).waitFor();
    await first.getByText('No mail', { exact: false }).or(first.locator('tbody tr').first()).first().waitFor();
    expect(seen).toEqual({ count: 1, most: 1 });
    // What the first one got is taken by those that did not ask.
    await second.getByRole('button', { name: 'Follow' }).click();
    await second.getByText('within three seconds').waitFor();
    await third.getByRole('link', { name: 'Users' }).click();
    await third.locator('.row-link').first().waitFor();
    expect(seen).toEqual({ count: 1, most: 1 });

    // All at the same moment: never two at once, however many of them.
    ahead_ms = 2 * HOUR_MS;
    await Promise.all(
      pages.map(async (page) => {
        await page.getByRole('link', { name: 'System' }).click();
        await page.getByText('PostgreSQL').first().waitFor();
      }),
    );
    expect(seen.most).toBe(1);
    expect(await api.sql('select 1 from sessions where user_id = $1 and counter > 0', [admin.id])).toHaveLength(1);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('that is signed out in one tab ends in the others, in the middle of a question too, and a sign-in opens them', async () => {
    const { pages, context, problems } = await openTabs('/users', `/users/${(await api.user()).id}`);
    const [one, other] = pages as [Page, Page];
    await api.sql(`update sessions set authenticated_at = now() - interval '1 hour' where user_id = $1`, [admin.id]);
    await other.locator('.menu summary').click();
    await other.getByRole('button', { name: 'Remove factors and passkeys…' }).click();
    await other.getByLabel('Reason').fill('The phone is lost');
    await other.getByRole('button', { name: 'Remove them' }).click();
    const proof = other.getByRole('dialog', { name: 'Is it still you?' });
    await proof.waitFor();
    await one.getByRole('button', { name: 'Sign out' }).click();
    await Promise.all([door(one).waitFor(), door(other).waitFor()]);
    expect((await context.cookies()).filter(({ name }) => name === 'session')).toEqual([]);

    await signIn(other, admin);
    await one.locator('.row-link').first().waitFor();
    expect(await proof.count()).toBe(0);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('that ended in the middle is replaced by a sign-in in any tab, and the calls of all go on', async () => {
    // Neither asks for anything that would tell it of the end before.
    const { pages, context, problems } = await openTabs('/users/invite', '/users/invite');
    const [one, other] = pages as [Page, Page];
    await one.getByLabel('E-mail address').fill('linus@example.com');
    await api.sql('delete from sessions where user_id = $1', [admin.id]);
    await one.getByRole('button', { name: 'Send the invitation' }).click();
    await ended(one).waitFor();
    await ended(other).getByLabel('Password').fill(PASSWORD);
    await other.keyboard.press('Enter');
    await one.getByRole('heading', { name: 'linus@example.com' }).waitFor();
    expect([await ended(one).count(), await ended(other).count()]).toEqual([0, 0]);
    expect(await api.sql(`select 1 from users where email = 'linus@example.com'`)).toHaveLength(1);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('that is given up after it ended leads to the sign-in, and nothing is sent for what was begun', async () => {
    const { pages, context } = await openTabs('/users/invite');
    const [page] = pages as [Page];
    await page.getByLabel('E-mail address').fill('ken@example.com');
    await api.sql('delete from sessions where user_id = $1', [admin.id]);
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    await ended(page).waitFor();
    await page.keyboard.press('Escape');
    await door(page).waitFor();
    await signIn(page, admin);
    expect(await api.sql(`select 1 from users where email = 'ken@example.com'`)).toEqual([]);
    await context.close();
  });

  it('goes with every call but those that carry none, and the cookie is asked for where a session begins or ends', async () => {
    const { page } = await openConsole(browser, '/users');
    await door(page).waitFor();
    const sent: string[] = [];
    page.on('request', (request) => {
      const { authorization, 'x-session': transport } = request.headers();
      const path = request.url().replace('http://localhost:8000', '').replace(/\?.*/, '');
      if (request.resourceType() === 'fetch')
        sent.push(`${request.method()} ${path} ${authorization === undefined ? '-' : 'bearer'} ${transport ?? '-'}`);
    });
    await page.reload();
    await signIn(page, admin);
    await page.locator('.row-link').first().waitFor();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('The chain holds').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await door(page).waitFor();
    expect(sent).toEqual(
      expect.arrayContaining([
        'GET /auth/me bearer -',
        'GET /console/resources.json bearer -',
        'POST /console/audit-verification bearer -',
      ]),
    );
    expect(sent.filter((request) => !request.endsWith(' bearer -'))).toEqual([
      'POST /auth/refresh - cookie',
      'POST /auth/login - cookie',
      'POST /auth/logout - cookie',
    ]);
    await page.context().close();
  });

  it('is kept while a server starts again, and a read that it did not answer is asked again', async () => {
    const { pages, context } = await openTabs('/audit');
    const [page] = pages as [Page];
    let lost = 0;
    await page.route('**/users?*', (route) => (++lost < 3 ? route.abort() : route.continue()));
    await page.getByRole('link', { name: 'Users' }).click();
    await page.locator('.row-link').first().waitFor();
    expect(lost).toBe(3);

    await page.route('**/auth/refresh', (route) => route.abort());
    await page.reload();
    const late = page.locator('[role=status]', { hasText: 'Still waiting for the answer.' });
    const opacity = () =>
      late.evaluate((found) => found.ownerDocument.defaultView?.getComputedStyle(found).opacity ?? '');
    await expect.poll(opacity, { timeout: 6000 }).toBe('1');
    await page.unroute('**/auth/refresh');
    await page.locator('.row-link').first().waitFor();
    await context.close();
  });

  it('begins for the first administrator by a call without one, and below a prefix by its paths', async () => {
    await empty.listen();
    const link = (): string =>
      String(empty.logs.find(({ event }) => event === 'console.first_administrator')?.url ?? '');
    await expect.poll(link).toContain('#token=');
    const first = await startBrowser(await empty.listen());
    const below = await startBrowser(await prefixed.listen());
    try {
      const { page, problems } = await openConsole(first, `/first-administrator${link().replace(/^[^#]*/, '')}`);
      await page.getByLabel('E-mail address').fill('first@example.com');
      await page.getByLabel('Password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.locator('main .head').waitFor();
      expect(problems).toEqual([]);

      const context = await below.newContext();
      // The proxy before the API takes its prefix away.
      await context.route('http://localhost:8000/**', (route) => {
        const url = route.request().url();
        const isBelow = url.startsWith('http://localhost:8000/api/');
        return isBelow ? route.continue({ url: url.replace('/api/', '/') }) : route.abort();
      });
      const own = await context.newPage();
      await own.goto('http://localhost:8000/api/console/users');
      await signIn(own, await prefixed.admin());
      await own.locator('.row-link').first().waitFor();
      await own.reload();
      await own.locator('.row-link').first().waitFor();
    } finally {
      await first.close();
      await below.close();
    }
  });
});
