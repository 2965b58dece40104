import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { product } from '../../src/app/product.ts';
import { closed, Id, IdParams, PageOf, PageQuery } from '../../src/app/schemas/common.ts';
import { codeOfStep, fromBase32, stepsAt } from '../../src/app/services/auth/factors/totp.ts';
import { PASSWORD, startApi, type TestUser } from '../helpers/api.ts';
import { findingsOf, startBrowser, takePicture, withoutBrowser } from '../helpers/browser.ts';
import { openConsole, said, signIn } from '../helpers/console.ts';

const Pen = Type.Object({ id: Id, label: Type.String({ maxLength: 40 }) }, { title: 'Pen' });
const Loan = Type.Object({ id: Id, note: Type.String({ maxLength: 40 }), pen_id: Id, owner_id: Id }, { title: 'Loan' });
const LoanCreate = Type.Omit(Loan, ['id'], { ...closed, title: 'LoanCreate' });
const [tag = ''] = Object.keys(product.tags);
const PENS = ['Blue pen', 'Red pen', 'Red chalk'].map((label, index) => ({
  id: `019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3${index}`,
  label,
}));
const lent: unknown[] = [];

const api = startApi(
  { CONSOLE_ENABLED: 'true' },
  {
    routes: async (app) => {
      const common = { tags: [tag] };
      app.get(
        '/pens',
        {
          config: { auth: 'user' },
          schema: { ...common, operationId: 'listPens', querystring: PageQuery, response: { 200: PageOf(Pen) } },
        },
        async () => ({ items: PENS, next_cursor: null }),
      );
      app.get(
        '/pens/:id',
        {
          config: { auth: 'user' },
          schema: { ...common, operationId: 'getPen', params: IdParams, response: { 200: Pen } },
        },
        async ({ params }) => PENS.find(({ id }) => id === (params as { id: string }).id),
      );
      app.get(
        '/loans',
        {
          config: { auth: 'user' },
          schema: { ...common, operationId: 'listLoans', querystring: PageQuery, response: { 200: PageOf(Loan) } },
        },
        async () => ({ items: [], next_cursor: null }),
      );
      app.post(
        '/loans',
        {
          config: { auth: 'user' },
          schema: { ...common, operationId: 'createLoan', body: LoanCreate, response: { 201: Loan } },
        },
        async ({ body }, reply) => {
          lent.push(body);
          return reply.code(201).send({ id: PENS[0]?.id, ...(body as object) });
        },
      );
    },
  },
);
const strict = startApi({ CONSOLE_ENABLED: 'true', MFA_REQUIRED_FOR: 'admins', RATE_LIMITS: 'false' });
let browser: Browser;
let admin: TestUser;

async function openSignedIn(path: string, options: BrowserContextOptions = {}): ReturnType<typeof openConsole> {
  const opened = await openConsole(browser, path, options);
  await signIn(opened.page, admin);
  return opened;
}

/** No finding of axe at the widths, in light and dark, and a picture of each. */
async function examine(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), name).toBeLessThanOrEqual(0);
      await takePicture(page, `console/${name}-${width}-${colorScheme}`);
    }
    expect([name, await findingsOf(page)]).toEqual([name, []]);
  }
}

describe.skipIf(withoutBrowser !== '')(`the work of the console${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
    admin = await api.admin();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('a kind of mail is read in another language, and a test mail is sent once a minute', async () => {
    const { page, problems } = await openSignedIn('/mails');
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('#token=…').waitFor();
    await dialog.getByLabel('Language').selectOption('de');
    await dialog.getByText('Neues Passwort für').waitFor();
    expect(await dialog.getByRole('link').count()).toBe(0);
    await examine(page, 'mail-sample');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Send a test mail' }).click();
    await said(page, /A test mail to .* is on its way/);
    await page.getByRole('button', { name: 'test: preview' }).waitFor();
    await page.getByRole('button', { name: 'Send a test mail' }).click();
    await page.locator('.toast.danger').waitFor();
    expect(await api.sql(`select 1 from jobs where payload->>'kind' = 'test'`)).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('a reference is found by words, by the keyboard alone, and holds the id', async () => {
    const { page, problems } = await openSignedIn('/data/loans/new');
    await page.getByLabel('Note').fill('For a week');
    const pen = page.getByRole('combobox', { name: 'Pen' });
    await pen.fill('red');
    await page.getByRole('option').nth(1).waitFor();
    await examine(page, 'reference');
    await pen.press('ArrowDown');
    await pen.press('Enter');
    expect(await pen.inputValue()).toBe('Red chalk');
    const owner = page.getByRole('combobox', { name: 'Owner' });
    await owner.fill('nobody at all');
    await page.getByText('Nothing is found.').waitFor();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    expect(await page.evaluate(`document.getElementById('field-owner_id').validity.customError`)).toBe(true);
    expect(lent).toEqual([]);
    await owner.fill(admin.email.slice(0, 4));
    await page.getByRole('option', { name: admin.email }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await said(page, /It is added/);
    expect(lent).toEqual([{ note: 'For a week', pen_id: PENS[2]?.id, owner_id: admin.id }]);
    expect(problems).toEqual([]);
  });

  it('a file of users is looked at line by line before it is imported', async () => {
    const { page, problems } = await openSignedIn('/users/import');
    const content = 'email,name,shoe_size\nada@file.example,Ada,38\nnobody,Bob,40\n';
    await page
      .getByLabel('File')
      .setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
    await page.getByText('1 would be imported').waitFor();
    await page.getByRole('row', { name: /line 3 email is not a valid address/ }).waitFor();
    const stored = () => api.sql(`select 1 from users where email = 'ada@file.example'`);
    expect(await stored()).toEqual([]);
    await examine(page, 'user-import');
    await page.getByRole('button', { name: 'Import 1' }).click();
    await page.getByText('1 imported').waitFor();
    expect(await stored()).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('an administrator who must have a second factor sets it up on the way in, and stays signed in', async () => {
    const { id, email } = await strict.user();
    await strict.sql("update users set email_verified_at = now(), role = 'admin' where id = $1", [id]);
    await strict.sql('delete from sessions where user_id = $1', [id]);
    const own = await startBrowser(await strict.listen());
    try {
      const { page, problems } = await openConsole(own, '/users');
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
      await page.getByRole('img', { name: /QR/ }).waitFor();
      await examine(page, 'enrollment');
      const secret = (await page.locator('p code').innerText()).replaceAll(' ', '');
      const code = codeOfStep(fromBase32(secret), stepsAt(new Date())[0] ?? 0);
      await page.getByLabel('Code of your authenticator app').fill(code);
      await page.keyboard.press('Enter');
      await page.getByText('Recovery codes').waitFor();
      expect(await page.locator('.codes li').count()).toBe(10);
      await page.getByRole('button', { name: 'I have kept them' }).click();
      await page.locator('.row-link').first().waitFor();
      await page.reload();
      await page.locator('.row-link').first().waitFor();
      expect(problems).toEqual([]);
    } finally {
      await own.close();
    }
  });
});
