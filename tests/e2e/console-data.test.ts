import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startApi, type TestUser } from '../helpers/api.ts';
import { findingsOf, startBrowser, takePicture, withoutBrowser } from '../helpers/browser.ts';
import { openConsole, signIn } from '../helpers/console.ts';

const api = startApi({ CONSOLE_ENABLED: 'true' });
let browser: Browser;
let admin: TestUser;
let user: Pick<TestUser, 'id' | 'email'>;

async function openSignedIn(path: string): ReturnType<typeof openConsole> {
  const opened = await openConsole(browser, path);
  await signIn(opened.page, admin);
  return opened;
}

describe.skipIf(withoutBrowser !== '')(`the tables of the product in the console${withoutBrowser}`, () => {
  beforeAll(async () => {
    browser = await startBrowser(await api.listen());
    admin = await api.admin();
    const { access_token: token } = admin;
    const make = async (email: string) =>
      (await api.request({ method: 'POST', url: '/users', token, payload: { email, password: PASSWORD } })).json();
    user = await make('katherine@example.com');
    const { id } = await make('tony@example.com');
    await api.sql('update users set is_active = false where id = $1', [id]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('a row of the product is added, changed, taken back and deleted', async () => {
    const { access_token: token } = await api.admin();
    const { items } = (await api.request({ url: '/console/resources.json', token })).json();
    if (!items.some(({ path }: { path: string }) => path === '/items')) return;
    const titles = async () => (await api.sql<{ title: string }>('select title from items')).map(({ title }) => title);
    const { page, problems } = await openSignedIn('/data/items');
    await page.getByText('There is no row yet.').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await page.getByRole('link', { name: 'Add one' }).click();
    await page.getByLabel('Title').fill('Water the plants');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('heading', { name: 'Water the plants' }).waitFor();
    expect(await titles()).toEqual(['Water the plants']);
    expect(await findingsOf(page)).toEqual([]);
    await takePicture(page, 'console/item');

    await page.getByLabel('Title').fill('Water the plants twice');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Water the plants twice' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { name: 'Water the plants', exact: true }).waitFor();
    expect(await titles()).toEqual(['Water the plants']);

    await page.getByLabel('Title').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await page.evaluate(`document.getElementById('field-title').matches(':invalid')`)).toBe(true);
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Delete for ever' }).click();
    await page.getByText('There is no row yet.').waitFor();
    expect(await titles()).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('a row is added for a user who is found by half an address, and refused in a sentence for one who is disabled', async () => {
    const { access_token: token } = await api.admin();
    const { items } = (await api.request({ url: '/console/resources.json', token })).json();
    if (!items.some(({ path }: { path: string }) => path === '/items')) return;
    const owners = () => api.sql('select owner_id, title from items');
    const { page, problems } = await openSignedIn('/data/items/new');
    const owner = page.getByRole('combobox', { name: 'Owner' });
    await owner.fill('tony');
    await page.getByRole('option', { name: /tony@example.com/ }).click();
    await page.getByLabel('Title').fill('Water the plants');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('The account of the owner is disabled; enable it first.').waitFor();
    expect(await owners()).toEqual([]);
    expect(await findingsOf(page)).toEqual([]);
    await takePicture(page, 'console/item-owner-refused');
    await owner.fill('kather');
    await page.getByRole('option', { name: /katherine@example.com/ }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('heading', { name: 'Water the plants' }).waitFor();
    await page.getByRole('link', { name: user.email }).waitFor();
    expect(await owners()).toEqual([{ owner_id: user.id, title: 'Water the plants' }]);
    expect(problems).toEqual([]);
  });
});
