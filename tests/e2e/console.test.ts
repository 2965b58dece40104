import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/app/utils/ids.ts';
import { PASSWORD, startApi, type TestUser } from '../helpers/api.ts';
import { DEAD_MAIL_SQL } from '../helpers/asking-operations.ts';
import { findingsOf, linesOf, startBrowser, takePicture, withoutBrowser } from '../helpers/browser.ts';
import { openConsole, said, signIn, CONSOLE as URL } from '../helpers/console.ts';
import { IDENTITY_SQL, PASSKEY_SQL } from '../helpers/login-methods.ts';
import { casesOf } from '../helpers/short-form.ts';

const MOST_TABS = 80;
/** The pictures in the documents, which UPDATE_PICTURES=true makes anew. */
const DOCS = join(import.meta.dirname, '../../docs/console');
const KEPT = new Set<string>(['users', 'user']);
const NAMES = [
  'Grace Hopper',
  'Alan Turing',
  'Edsger Dijkstra',
  'Radia Perlman',
  'Donald Knuth',
  'Frances Allen',
  'Tony Hoare',
];

const api = startApi({ CONSOLE_ENABLED: 'true' });
let browser: Browser;
let admin: TestUser;
let user: Pick<TestUser, 'id' | 'email'>;

/** Presses Tab until the element with this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < MOST_TABS; presses++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(`(() => {
      const { activeElement: e } = document;
      return e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent ?? '';
    })()`);
    if (name.test(String(found))) return;
  }
  throw new Error(`no element named ${name} has the focus after ${MOST_TABS} times of Tab`);
}

const open = (path: string, options: BrowserContextOptions = {}) => openConsole(browser, path, options);
async function openSignedIn(path: string, options: BrowserContextOptions = {}): ReturnType<typeof open> {
  const opened = await open(path, options);
  await signIn(opened.page, admin);
  return opened;
}
const rowOf = async (id: string) =>
  (
    await api.sql<{ is_active: boolean; name: string | null }>('select is_active, name from users where id = $1', [id])
  )[0];

describe.skipIf(withoutBrowser !== '')(`the console${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
    admin = await api.admin();
    const payload = { email: 'katherine@example.com', name: 'Katherine', password: PASSWORD };
    // Registered, it would have a known device, whose failures count apart.
    user = (await api.request({ method: 'POST', url: '/users', token: admin.access_token, payload })).json();
    await api.sql(DEAD_MAIL_SQL, [newId()]);
    await api.sql(PASSKEY_SQL, [user.id]);
    await api.sql(IDENTITY_SQL, [user.id]);
    for (const name of NAMES)
      await api.sql(`insert into users (id, email, name, is_active) values ($1, $2, $3, $4)`, [
        ...[newId(), `${name.split(' ')[0]?.toLowerCase()}@example.com`, name, !name.startsWith('Tony')],
      ]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('a day’s work is done by the keyboard alone', async () => {
    for (let failures = 0; failures < 3; failures++)
      await api.request({ method: 'POST', url: '/auth/login', payload: { email: user.email, password: 'wrong' } });
    const { page, problems } = await open('');
    await page.getByLabel('E-mail address').waitFor();
    await tabTo(page, /^E-mail/);
    await page.keyboard.type(admin.email);
    await tabTo(page, /^Password/);
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1 }).waitFor();

    // Finds a user by half an address, and sees why she cannot sign in.
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Find/ }).waitFor();
    await page.keyboard.type('kather');
    await page.getByRole('option', { name: /katherine@example.com/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('3 failed sign-ins in a row').waitFor();
    await tabTo(page, /^Forget the failures/);
    await page.keyboard.press('Enter');
    await page.getByText('No failed sign-ins').waitFor();

    await tabTo(page, /^Send a reset link/);
    await page.keyboard.press('Enter');
    await said(page, /on its way/);
    // The job that mails it records it.
    expect(await api.sql(`select 1 from jobs where kind = 'mail.request' and state = 'pending'`)).toHaveLength(1);

    await tabTo(page, /^Edit/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Katherine Johnson');
    await page.keyboard.press('Enter');
    await said(page, /changes are saved/);
    expect((await rowOf(user.id))?.name).toBe('Katherine Johnson');

    // What can be undone asks nothing first.
    await tabTo(page, /^More/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Disable/);
    await page.keyboard.press('Enter');
    await said(page, /is disabled/);
    expect((await rowOf(user.id))?.is_active).toBe(false);
    await tabTo(page, /^Undo/);
    await page.keyboard.press('Enter');
    await said(page, /as it was/);
    expect((await rowOf(user.id))?.is_active).toBe(true);

    // Who disabled her stands in the audit events, and what was changed in words.
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Find/ }).waitFor();
    await page.keyboard.type('audit');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    await page
      .getByRole('row', { name: /user\.disabled/ })
      .getByRole('link', { name: admin.email })
      .waitFor();
    await page.getByText('fields: name', { exact: true }).waitFor();

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Find/ }).waitFor();
    await page.keyboard.type('dead');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Mails' }).waitFor();
    await tabTo(page, /^Send again/);
    await page.keyboard.press('Enter');
    await said(page, /tried again/);
    expect(await api.sql(`select 1 from jobs where state = 'dead'`)).toEqual([]);

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Find/ }).waitFor();
    await page.keyboard.type('create a user');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Create a user' }).waitFor();
    await tabTo(page, /^E-mail/);
    await page.keyboard.type('barbara@example.com');
    await tabTo(page, /^Password/);
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'barbara@example.com' }).waitFor();

    // What cannot be had back wants its name typed.
    await tabTo(page, /^More/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Delete…/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.getByRole('button', { name: 'Delete for ever' }).isDisabled()).toBe(true);
    await page.keyboard.type('barbara@example.com');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    expect(await api.sql(`select 1 from users where email = 'barbara@example.com' and removing is null`)).toEqual([]);

    // The list by its keys.
    await page.locator('.row-link').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('kath');
    await expect.poll(() => page.locator('.row-link').count()).toBe(1);
    expect(page.url()).toBe(`${URL}/users?q=kath`);
    await page.keyboard.press('Enter');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: user.email }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    expect(page.url()).toBe(`${URL}/users?q=kath`);
    expect(problems).toEqual([]);
  }, 60_000);

  it('the audit events are followed, verified and saved as a file', async () => {
    const { page, problems } = await openSignedIn('/audit?event=user.invited');
    await page.getByText('Nothing of this kind is recorded.').waitFor();
    await page.getByRole('button', { name: 'Follow' }).click();
    const { access_token: token } = admin;
    await api.request({ method: 'POST', url: '/users/invitations', token, payload: { email: 'tail@example.com' } });
    await page.getByRole('cell', { name: 'user.invited' }).waitFor();
    await page.route('**/console/audit-verification', async (route) => {
      await page.getByText('The events are put in order.').waitFor();
      await takePicture(page, 'console/audit-followed');
      expect(await findingsOf(page)).toEqual([]);
      await route.continue();
    });
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('The chain holds').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines.map((line) => line.split(',')[2])).toEqual(['event', 'user.invited']);
    expect(problems).toEqual([]);
  });

  it('a verification says how far it is as soon as that is known, and no percentage before', async () => {
    const { page, problems } = await openSignedIn('/audit');
    await page.evaluate(`(() => {
      const { fetch } = window;
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const bytes = new TextEncoder();
      window.tell = (line) => void writer.write(bytes.encode(JSON.stringify(line) + '\\n'));
      window.fetch = (request, init) =>
        request.url?.endsWith('/audit-verification') ? Promise.resolve(new Response(readable)) : fetch(request, init);
    })()`);
    const tell = (line: object) => page.evaluate(`window.tell(${JSON.stringify(line)})`);
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await tell({ done: 0, rows: 12_345 });
    const view = page.locator('.verification');
    await view.getByText('12,345 events are put in order.').waitFor();
    expect([await view.innerText(), await view.locator('progress[value]').count()]).toEqual([
      expect.not.stringContaining('%'),
      0,
    ]);
    await tell({ done: 20, rows: 12_345 });
    await view.getByText('0 % of 12,345 events').waitFor();
    await tell({ done: 6200, rows: 12_345 });
    await view.getByText('50 % of 12,345 events').waitFor();
    expect(await view.getByRole('progressbar').getAttribute('value')).toBe('50');
    expect(problems).toEqual([]);
  });

  it('a proof that is too old is asked for in the middle of a form, and nothing of it is lost', async () => {
    const { page, problems } = await openSignedIn(`/users/${user.id}`);
    await api.sql(`update sessions set authenticated_at = now() - interval '1 hour' where user_id = $1`, [admin.id]);
    await page.locator('.menu summary').click();
    await page.getByRole('button', { name: 'Remove factors and passkeys…' }).click();
    await page.getByLabel('Reason').fill('The phone is lost');
    await page.getByRole('button', { name: 'Remove them' }).click();
    const proof = page.getByRole('dialog', { name: 'Is it still you?' });
    await proof.getByLabel('Password').fill('wrong password');
    await page.keyboard.press('Enter');
    await proof.getByRole('alert').waitFor();
    await proof.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await said(page, /factors and passkeys are removed/);
    const [event] = await api.sql(
      `select details ->> 'reason' as reason from audit_events where event = 'factor.removed' and subject_id = $1`,
      [user.id],
    );
    expect(event).toEqual({ reason: 'The phone is lost' });
    expect(problems).toEqual([]);
  });

  it('a session that ends in the middle asks for a sign-in, and the form goes on', async () => {
    const { page, problems } = await openSignedIn('/users/invite');
    await page.getByLabel('E-mail address').fill('linus@example.com');
    await api.sql('delete from sessions where user_id = $1', [admin.id]);
    await page.getByRole('button', { name: 'Send the invitation' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'linus@example.com' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('a row that is gone, a busy server and a server without database end in a sentence and a way on', async () => {
    const { page } = await openSignedIn('/users');
    const answer = (status: number, code: string, detail: string) =>
      page.route('**/users?*', (route) =>
        route.fulfill({
          status,
          contentType: 'application/problem+json',
          headers: { 'retry-after': '7', 'x-request-id': newId() },
          body: JSON.stringify({ title: code, status, code, detail }),
        }),
      );
    for (const [status, code, detail] of [
      [503, 'service_unavailable', 'The database does not answer'],
      [429, 'rate_limited', 'Too many requests'],
    ] as const) {
      await answer(status, code, detail);
      await page.reload();
      await page.getByRole('alert').getByText(`${detail}. Wait 7 seconds.`).waitFor();
      await page.unroute('**/users?*');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.row-link').first().waitFor();
    }
    await page.goto(`${URL}/users/${newId()}`);
    await page.getByRole('alert').getByText('User not found').waitFor();
    await page.getByRole('link', { name: 'Users' }).first().click();
    await page.locator('.row-link').first().waitFor();
  });

  it('of two administrators at once each keeps the other’s change, and a form outlives a limit, a restart and the end of its row', async () => {
    const { access_token: token } = await api.admin();
    const payload = { email: 'shared@example.com', name: 'Before', password: PASSWORD };
    const { id } = (await api.request({ method: 'POST', url: '/users', token, payload })).json();
    const { page } = await openSignedIn(`/users/${id}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Role').selectOption('admin');
    await api.request({ method: 'PATCH', url: `/users/${id}`, token, payload: { name: 'The other’s' } });
    const save = dialog.getByRole('button', { name: 'Save' });

    const detail = 'Too many requests';
    await page.route(`**/users/${id}`, (route) =>
      route.fulfill({
        status: 429,
        contentType: 'application/problem+json',
        headers: { 'retry-after': '7' },
        body: JSON.stringify({ title: detail, status: 429, code: 'rate_limited', detail }),
      }),
    );
    await save.click();
    await dialog.getByRole('alert').getByText(`${detail}. Wait 7 seconds.`).waitFor();
    await page.unroute(`**/users/${id}`);
    await page.route(`**/users/${id}`, (route) => route.abort());
    await save.click();
    await dialog.getByRole('alert').getByText('The server does not answer').waitFor();
    await page.unroute(`**/users/${id}`);
    expect(await dialog.getByLabel('Role').inputValue()).toBe('admin');
    await save.click();
    await said(page, /changes are saved/);
    await page.getByText('The other’s').waitFor();
    expect(await api.sql('select name, role from users where id = $1', [id])).toEqual([
      { name: 'The other’s', role: 'admin' },
    ]);

    await page.getByRole('button', { name: 'Edit' }).click();
    await dialog.getByLabel('Name').fill('Too late');
    await api.request({ method: 'DELETE', url: `/users/${id}`, token });
    await save.click();
    await dialog.getByRole('alert').getByText('User not found').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Users' }).first().click();
    await page.locator('.row-link').first().waitFor();
  });

  it('a server that does not answer at the start is asked again by a button', async () => {
    const { page } = await openSignedIn('/users');
    await page.route('**/auth/refresh', (route) => route.abort());
    await page.reload();
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    await page.unroute('**/auth/refresh');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.row-link').first().waitFor();
  });

  it('a user is told that the console is for administrators alone', async () => {
    const { page } = await open('');
    await page.getByLabel('E-mail address').fill(user.email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'For administrators alone' }).waitFor();
  });

  const views = [
    ['', 'home'],
    ['?range=month', 'home-month'],
    ['/users', 'users'],
    ['/users/new', 'user-new'],
    ['/users/invite', 'user-invite'],
    ['/users?q=nobody', 'users-empty'],
    ['user', 'user'],
    ['/audit', 'audit'],
    ['/mails', 'mails'],
    ['/jobs', 'jobs'],
    ['/limits', 'limits'],
    ['/system', 'system'],
    ['/nowhere', 'nowhere'],
  ] as const;
  it.each(casesOf(views, 6))(
    '%s has no finding of axe and no violation, at three widths',
    async (path, name) => {
      const view = path === 'user' ? `/users/${user.id}` : path;
      const { page, problems } = await openSignedIn(view);
      for (const width of [320, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await page.waitForLoadState('networkidle');
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        // What differs from theme to theme are colours, from width to width the layout.
        const colorScheme = width === 1280 ? 'light' : 'dark';
        await page.emulateMedia({ colorScheme });
        if (width !== 768) expect([width, await findingsOf(page)]).toEqual([width, []]);
        await takePicture(page, `console/${name}-${width}-${colorScheme}`);
        if (process.env.UPDATE_PICTURES === 'true' && width === 1280 && KEPT.has(name))
          await page.screenshot({ path: join(DOCS, `${name}.png`) });
      }
      expect(problems).toEqual([]);
    },
    60_000,
  );

  it('stands in line: the texts at home, the names of settings, and the last errors on a narrow window', async () => {
    const error = '550 5.7.1 the client host is blocked; see https://blocked.example.com/query/ip/203.0.113.7';
    const id = newId();
    await api.sql(DEAD_MAIL_SQL, [id]);
    await api.sql('update jobs set last_error = $2 where id = $1', [id, error]);
    const late = { kind: 'notice.session.refresh_token_reused', to: user.email };
    await api.sql(`insert into jobs (id, kind, payload, max_attempts, run_at) values ($1, 'mail.send', $2, 8, $3)`, [
      ...[newId(), late, new Date(0)],
    ]);
    const { page, problems } = await openSignedIn('', { viewport: { width: 800, height: 800 } });
    await page.locator('.need').nth(1).waitFor();
    const lefts = (selector: string) =>
      page.locator(selector).evaluateAll((found) => found.map((one) => Math.round(one.getBoundingClientRect().left)));
    expect(new Set(await lefts('.need')).size).toBe(1);
    expect(new Set((await lefts('.chart')).sort()).size).toBe(3);
    await page.goto(`${URL}/system`);
    const names = page.locator('td:first-child > code');
    await names.first().waitFor();
    const heights = await names.evaluateAll((found) => found.map((one) => one.getClientRects().length));
    expect([heights.length > 50, new Set(heights)]).toEqual([true, new Set([1])]);
    // A long address is broken where its parts end, and widens no table.
    await api.sql(
      `update users set email = 'grace.brewster.murray.hopper@very-long-department.engineering.example.com' where email = 'grace@example.com'`,
    );
    await api.sql(
      `update jobs set payload = payload || '{"to": "grace.brewster.murray.hopper@very-long-department.engineering.example.com"}' where id = $1`,
      [id],
    );
    for (const path of ['/users', '/mails']) {
      await page.goto(URL + path);
      const address = page.locator('td:first-child', { hasText: 'grace.brewster' }).first();
      await address.waitFor();
      const lines = await linesOf(address);
      expect(lines.length, path).toBeGreaterThan(1);
      expect(
        lines.slice(0, -1).filter((line) => !/[.@-]$/.test(line)),
        path,
      ).toEqual([]);
      const frame = page.locator('.table-frame');
      expect(await frame.evaluate((found) => found.scrollWidth - found.clientWidth), path).toBe(0);
    }
    for (const path of ['/mails', '/jobs?state=dead']) {
      await page.goto(URL + path);
      await page.getByText(error.slice(0, 20)).first().waitFor();
      await takePicture(page, `console/errors-${path.slice(1, 5)}`);
      const frame = page.locator('.table-frame');
      expect(await frame.evaluate((found) => found.scrollWidth - found.clientWidth), path).toBe(0);
    }
    expect(problems).toEqual([]);
    await api.sql(`delete from jobs where id = $1 or run_at = $2`, [id, new Date(0)]);
  });

  it('dialogs, menus and the help have no finding of axe', async () => {
    const { page } = await openSignedIn(`/users/${user.id}`);
    const examine = async (name: string): Promise<void> => {
      expect([name, await findingsOf(page)]).toEqual([name, []]);
      await takePicture(page, `console/${name}`);
    };
    await page.locator('.menu summary').click();
    await examine('menu');
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByText('As curl').first().click();
    expect(await page.locator('dialog .buttons button').allInnerTexts()).toEqual(['Cancel', 'Delete for ever']);
    await examine('dialog-delete');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Find/ }).waitFor();
    await page.getByRole('listbox').waitFor();
    await examine('palette');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await examine('keys');
  });

  it('forced colours, little motion and text of twice the size keep every action in reach', async () => {
    const { page } = await openSignedIn('/users', {
      forcedColors: 'active',
      viewport: { width: 640, height: 800 },
    });
    await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
    await page.locator('.row-link').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(
      await page.evaluate(`document.getAnimations().filter(({ playState }) => playState === 'running').length`),
    ).toBe(0);
    await page.getByRole('link', { name: 'Create user' }).click();
    await page.getByRole('heading', { name: 'Create a user' }).waitFor();
    await takePicture(page, 'console/forced-colours');
    const side = await page.locator('.side').evaluate((found) => found.scrollWidth - found.clientWidth);
    expect(side).toBe(0);
  });
});
