import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PASSWORD } from './api.ts';

/** Where a browser of startBrowser finds the console. */
export const CONSOLE = 'http://localhost:8000/console';

export interface Opened {
  page: Page;
  /** What the page's policy refused, what threw, and what was asked of another host. */
  problems: string[];
}

/** Opens a view in a context of its own. */
export async function openConsole(
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // Chromium writes each refused call into its console.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(http:\/\/localhost:8000\/|data:|blob:http:\/\/localhost:8000\/)/.test(request.url()))
      problems.push(request.url());
  });
  await page.goto(CONSOLE + path);
  return { page, problems };
}

/** Signs in by the form that the page shows. */
export async function signIn(page: Page, { email }: { email: string }): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('main .head').waitFor();
}

/** Waits until the console has said so at its foot. */
export const said = (page: Page, text: RegExp): Promise<void> =>
  page.locator('.toast', { hasText: text }).first().waitFor();
