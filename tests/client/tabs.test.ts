import type * as BackClient from 'back-client';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startApi } from '../helpers/api.ts';
import { startBrowser, withoutBrowser } from '../helpers/browser.ts';
import { type RoughServer, startRoughServer } from '../helpers/rough-server.ts';
import { isShortForm } from '../helpers/short-form.ts';

/** How long the ten tabs work; TABS_SECONDS=600 is the whole test. */
const SECONDS = Number(process.env.TABS_SECONDS ?? (isShortForm ? 16 : 40));
const TABS = 10;
const URL = 'http://localhost:8000';
/** What a request may fail with while nobody is logged out; on a busy machine one waits longer than its token lives. */
const PASSING = ['network_error', 'service_unavailable', 'token_expired'];

/** What a tab has noted so far. */
interface Tab {
  api: BackClient.Client;
  states: string[];
  done: number;
  failures: string[];
  stop: boolean;
  /** Asks who it is until it is stopped. */
  work: () => Promise<void>;
}
declare const tab: Tab;

const api = startApi({ RATE_LIMITS: 'false', LOG_LEVEL: 'silent' });
let server: RoughServer;
let browser: Browser;

/** Opens a page with a client that keeps its session in the cookie; `before` runs ahead of it. */
async function openTab(context: BrowserContext, before = ''): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${URL}/tab`);
  await page.evaluate(`(async () => {
    ${before};
    const { createClient } = await import('/client.js');
    const api = createClient({ baseUrl: '', session: 'cookie' });
    const tab = { api, states: [], done: 0, failures: [], stop: false };
    globalThis.tab = tab;
    api.session.subscribe((state) => tab.states.push(state));
    tab.work = async () => {
      while (!tab.stop) {
        await api.auth.getAccount().then(() => tab.done++, (error) => tab.failures.push(error.code ?? String(error)));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 1000));
      }
    };
  })()`);
  return page;
}

async function register(page: Page): Promise<string> {
  const email = `tab-${crypto.randomUUID()}@example.com`;
  await page.evaluate((account) => tab.api.auth.register(account), { email, password: PASSWORD });
  return email;
}

const sessionsOf = (email: string): Promise<object[]> =>
  api.sql('select 1 from sessions join users on users.id = user_id where email = $1', [email]);

describe.skipIf(withoutBrowser !== '')(`tabs of one browser${withoutBrowser}`, () => {
  beforeAll(async () => {
    // Access tokens of five seconds, which no setting allows.
    server = await startRoughServer({ ...api.config, minutes_token_expire: 5 / 60 });
    browser = await startBrowser(server.port);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('ten tabs keep one session through lost and late answers and restarts, and never refresh at once', {
    timeout: SECONDS * 1000 + 120_000,
  }, async () => {
    const context = await browser.newContext();
    const pages = [];
    for (let number = 0; number < TABS; number++) pages.push(await openTab(context));
    const [first] = pages;
    const email = await register(first ?? expect.fail('no tab'));
    Object.assign(server, { loseEvery: 20, delayEvery: 7 });
    Object.assign(server.seen, { answers: 0, lost: 0, refreshes: 0, mostRefreshes: 0 });
    const work = pages.map((page) => page.evaluate(() => tab.work()));

    const until = performance.now() + SECONDS * 1000;
    while (performance.now() < until) {
      const pause = Math.min(15_000, Math.max(0, until - performance.now()));
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (performance.now() < until) await server.restart();
    }
    for (const page of pages) await page.evaluate('tab.stop = true');
    await Promise.all(work);
    Object.assign(server, { loseEvery: 0, delayEvery: 0 });

    const tabs = await Promise.all(
      pages.map((page) =>
        page.evaluate(() => ({
          states: tab.states,
          done: tab.done,
          failures: tab.failures,
          state: tab.api.session.state,
        })),
      ),
    );
    for (const { states, state, failures, done } of tabs) {
      expect([states, state]).toEqual([['open'], 'open']);
      expect(failures.filter((code) => !PASSING.includes(code))).toEqual([]);
      expect(done).toBeGreaterThan(SECONDS / 8);
    }
    const { lost, restarts, refreshes, mostRefreshes } = server.seen;
    expect(lost).toBeGreaterThan(2);
    expect(restarts).toBeGreaterThan(0);
    expect(mostRefreshes).toBe(1);
    // What one tab got serves all: about one refresh for each life of a token, and what was lost.
    expect(refreshes).toBeLessThan((SECONDS / 4) * 2 + lost);
    expect(await sessionsOf(email)).toHaveLength(1);
    const sessions = await first?.evaluate(() => tab.api.auth.listSessions());
    expect(sessions?.items.map(({ current }) => current)).toEqual([true]);
    await context.close();
  });

  it.each([
    ['BroadcastChannel', ''],
    [
      'storage events, without BroadcastChannel and locks',
      "delete globalThis.BroadcastChannel; Object.defineProperty(navigator, 'locks', { value: undefined })",
    ],
  ])('a login and a logout in one tab are known in the others by %s', async (_, before) => {
    const context = await browser.newContext();
    const [one, other] = [await openTab(context, before), await openTab(context, before)];
    expect(await other.evaluate(() => tab.api.session.restore())).toBe(false);
    const email = await register(one);
    await other.waitForFunction(() => tab.api.session.state === 'open');
    expect((await other.evaluate(() => tab.api.auth.getAccount())).email).toBe(email);
    await one.evaluate(() => tab.api.auth.logout());
    await other.waitForFunction(() => tab.api.session.state === 'ended');
    expect(await other.evaluate(() => [tab.states, tab.api.session.endedBy])).toEqual([
      ['ended', 'open', 'ended'],
      'logout',
    ]);
    expect(await sessionsOf(email)).toEqual([]);
    const code = await other.evaluate(() => tab.api.auth.getAccount().then(String, (error) => error.code));
    expect(code).toBe('not_authenticated');
    await context.close();
  });

  it('a login to another account in one tab is told to the others, and a refresh is not', async () => {
    const context = await browser.newContext();
    const [one, other] = [await openTab(context), await openTab(context)];
    await register(one);
    await other.waitForFunction(() => tab.api.session.state === 'open');
    const email = await register(one);
    await other.waitForFunction(() => tab.states.length === 2);
    expect((await other.evaluate(() => tab.api.auth.getAccount())).email).toBe(email);
    // The tokens live for five seconds.
    await one.waitForTimeout(6000);
    expect((await one.evaluate(() => tab.api.auth.getAccount())).email).toBe(email);
    await other.waitForTimeout(200);
    expect(await other.evaluate(() => tab.states)).toEqual(['open', 'open']);
    expect(await one.evaluate(() => tab.states)).toEqual(['open', 'open']);
    await context.close();
  });

  it('a tab that is opened later, or reloaded, restores the session from the cookie; nothing of it is in a script’s reach', async () => {
    const context = await browser.newContext();
    const email = await register(await openTab(context));
    const later = await openTab(context);
    expect(await later.evaluate(() => tab.api.session.restore())).toBe(true);
    expect((await later.evaluate(() => tab.api.auth.getAccount())).email).toBe(email);
    const reach = await later.evaluate('[document.cookie, localStorage.length, sessionStorage.length]');
    expect(reach).toEqual(['', 0, 0]);
    await context.close();
  });

  it('a session that an administrator ended is told to all tabs by the first that learns it', async () => {
    const context = await browser.newContext();
    const [one, other] = [await openTab(context), await openTab(context)];
    const email = await register(one);
    await other.waitForFunction(() => tab.api.session.state === 'open');
    await api.sql('delete from sessions where user_id = (select id from users where email = $1)', [email]);
    expect(await one.evaluate(() => tab.api.auth.getAccount().then(String, (error) => error.code))).toBe(
      'session_ended',
    );
    await other.waitForFunction(() => tab.api.session.endedBy === 'session_ended');
    await context.close();
  });

  it('goes on after the browser was offline, and sends no refresh meanwhile that could be lost', async () => {
    const context = await browser.newContext();
    const page = await openTab(context);
    const email = await register(page);
    await context.setOffline(true);
    const code = await page.evaluate(() => tab.api.auth.getAccount().then(String, (error) => error.code));
    expect(code).toBe('network_error');
    await context.setOffline(false);
    expect((await page.evaluate(() => tab.api.auth.getAccount())).email).toBe(email);
    expect(await page.evaluate(() => tab.states)).toEqual(['open']);
    await context.close();
  });
});
