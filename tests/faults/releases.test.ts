import { appendFileSync, cpSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type CliProject, createCliProject } from '../helpers/cli-project.ts';
import { isExpected } from '../helpers/fault-invariants.ts';
import { send, startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';

/** The resource that the clients use; a clone's sources have none of the tests. */
const HELPERS = join(import.meta.dirname, '../helpers/test-product');

let postgres: OwnPostgres;
/** The next release: this one, and a column with its revision. */
let next: CliProject;
let old: ServedApp;
const others: ServedApp[] = [];
let traffic: Traffic | undefined;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  next = createCliProject({ url: postgres.url });
  cpSync(HELPERS, join(next.root, 'tests/helpers/test-product'), { recursive: true });
  const written = await next.back('revision', '--head', 'kit@head', '-m', 'more of notes');
  if (written.code !== 0) throw new Error(written.stderr);
  const [upgrade = ''] = globSync('migrations/versions/*more_of_notes*/upgrade.sql', { cwd: next.root });
  appendFileSync(join(next.root, upgrade), 'ALTER TABLE kit_notes ADD COLUMN note text;\n');
  old = await serveApp(postgres.url);
});
afterEach(() => traffic?.stop());
afterAll(async () => {
  await Promise.all([old, ...others].map((app) => app?.stop()));
  next?.end();
  await postgres?.remove();
});

const startNext = async (): Promise<ServedApp> => {
  const app = await serveApp(postgres.url, {}, { main: join(next.root, 'tests/helpers/test-product/main.ts') });
  others.push(app);
  return app;
};
const ready = async ({ url }: ServedApp): Promise<number> => (await send('ready', `${url}/health/ready`)).status;
const columns = (): Promise<{ name: string }[]> =>
  postgres.sql(
    `select attname::text as name from pg_attribute where attrelid = 'kit_notes'::regclass and attname = 'note'`,
  );
/** What any client was told that it did not hope for. */
const disappointments = ({ answers }: Traffic) => answers.filter((answer) => !isExpected(answer));

it('a release and the next one serve the same database before, during and after the revision between them', async () => {
  traffic = await startTraffic(old.url);
  const early = await startNext();
  await early.program.until(/"event":"migrations.pending"/);
  expect([await ready(old), await ready(early)], 'the new one is not given requests yet').toEqual([200, 503]);
  expect((await send('live', `${early.url}/health/live`)).status).toBe(200);
  const token = [...traffic.secrets].find((secret) => secret.split('.').length === 3) ?? expect.fail();
  expect((await send('read', `${early.url}/auth/me`, { token })).status, 'it serves what the old schema has').toBe(200);

  const upgraded = await next.back('upgrade', 'head');
  expect(upgraded.code, upgraded.stderr).toBe(0);
  expect(await columns()).toEqual([{ name: 'note' }]);
  expect([await ready(old), await ready(early)]).toEqual([200, 200]);
  const both = await startTraffic(early.url);
  await sleep(700);
  await both.stop();
  expect(disappointments(both).slice(0, 3)).toEqual([]);

  // Gone back to in an emergency: the schema stays where it is.
  const returned = await serveApp(postgres.url);
  others.push(returned);
  expect(await ready(returned)).toBe(200);
  expect(returned.program.output()).not.toContain('migrations.pending');
  const again = await startTraffic(returned.url);
  await sleep(500);
  await again.stop();
  await traffic.stop();
  expect(disappointments(again).slice(0, 3)).toEqual([]);
  expect(disappointments(traffic).slice(0, 3), 'nobody noticed').toEqual([]);
  for (const { what } of [{ what: 'write' }, { what: 'refresh' }, { what: 'ready' }])
    expect(traffic.answers.filter((answer) => answer.what === what).length).toBeGreaterThan(5);
  const written = [traffic, both, again].flatMap(({ items }) => [...items.acknowledged.keys()]);
  const kept = await postgres.sql('select id from kit_notes where id = any($1)', [written]);
  expect(kept).toHaveLength(written.length);
});
