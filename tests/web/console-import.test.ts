import { describe, expect, it } from 'vitest';
import { startApi } from '../helpers/api.ts';

const api = startApi({ CONSOLE_ENABLED: 'true' });
/** Statements and requests have two seconds and a half. */
const slow = startApi({ CONSOLE_ENABLED: 'true', STATEMENT_TIMEOUT_SECONDS: '2', POOL_TIMEOUT_SECONDS: '2' });
const PREVIEW = '/console/user-imports/preview';
const IMPORT = '/console/user-imports';
const post = (url: string, token: string, content: string, format = 'csv') =>
  api.request({ method: 'POST', url, token, payload: { format, content } });
const rowsOf = (domain: string) =>
  api.sql<{ email: string; role: string }>('select email, role from users where email like $1 order by email', [
    `%@${domain}`,
  ]);
const FILE = [
  'email,name,role,shoe_size',
  'ada@in.example,Ada,admin,38',
  'not an address,Bob,user,44',
  'ada@in.example,Again,user,38',
  'cyd@in.example,Cyd',
  'dan@in.example,Dan,user,41',
].join('\n');
const OUTCOME = {
  ...{ imported: 2, without_password: 2, existing: 1, refused: 2, ignored: ['shoe_size'] },
  rejections: [
    { line: 3, reason: 'email is not a valid address', exists: false },
    { line: 4, reason: 'the address is registered already', exists: true },
    { line: 5, reason: 'has 2 columns, but the first line names 4', exists: false },
  ],
};

describe('a file of users', () => {
  it('is looked at without a word written, then imported, with the same lines refused', async () => {
    const { access_token: token, id: actor_id } = await api.admin();
    const state = () => api.sql('select count(*) from users union all select count(*) from audit_events');
    const before = await state();
    const shown = await post(PREVIEW, token, FILE);
    expect([shown.statusCode, shown.json()]).toEqual([200, OUTCOME]);
    expect(await state()).toEqual(before);
    const done = await post(IMPORT, token, FILE);
    expect([done.statusCode, done.json()]).toEqual([200, OUTCOME]);
    expect(await rowsOf('in.example')).toEqual([
      { email: 'ada@in.example', role: 'admin' },
      { email: 'dan@in.example', role: 'user' },
    ]);
    const [event] = await api.sql(`select actor_id, details from audit_events where event = 'users.imported'`);
    expect(event).toEqual({ actor_id, details: { count: 2, admins: 1 } });
    expect((await post(IMPORT, token, FILE)).json()).toMatchObject({ imported: 0, existing: 3, refused: 2 });
  });

  it('of lines of JSON is read as well', async () => {
    const { access_token: token } = await api.admin();
    const lines = `${JSON.stringify({ email: 'eve@lines.example' })}\n[]\n`;
    const { imported, rejections } = (await post(IMPORT, token, lines, 'jsonl')).json();
    expect([imported, rejections]).toEqual([
      ...[1, [{ line: 2, reason: 'is not a JSON object on one line', exists: false }]],
    ]);
  });

  it.each<[string, string, string]>([
    ['empty lines', `email${'\n'.repeat(300_000)}`, 'csv'],
    ['empty objects', '{}\n'.repeat(60_000), 'jsonl'],
    ['quotes that nothing closes', `email\n${'"{\n'.repeat(60_000)}`, 'csv'],
    ['columns', `email${',x'.repeat(200_000)}`, 'csv'],
  ])('of many %s leaves the others their turns', async (_what, content, format) => {
    const { access_token: token } = await api.admin();
    let [longest, last] = [0, performance.now()];
    const clock = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const { statusCode } = await post(PREVIEW, token, content, format);
    clearInterval(clock);
    longest = Math.max(longest, performance.now() - last);
    expect(statusCode).toBeLessThan(500);
    expect(longest).toBeLessThan(500);
  });

  it('has the time of a request for each batch of its rows', async () => {
    const { access_token: token } = await slow.admin();
    await slow.sql(`
      create function wait() returns trigger language plpgsql as 'begin perform pg_sleep(0.7); return null; end';
      create trigger wait before insert on users for each statement execute function wait()`);
    const file = `email\n${Array.from({ length: 2500 }, (_, n) => `p${n}@slow.example\n`).join('')}`;
    const answer = await slow.request({
      method: 'POST',
      url: IMPORT,
      token,
      payload: { format: 'csv', content: file },
    });
    expect([answer.statusCode, answer.json().imported]).toEqual([200, 2500]);
  });

  it('that cannot be read, or is too long, is refused as a whole', async () => {
    const { access_token: token } = await api.admin();
    const unnamed = await post(IMPORT, token, 'ada@other.example,Ada\n');
    expect([unnamed.statusCode, unnamed.json().errors[0]]).toMatchObject([
      422,
      { loc: ['body', 'content'], msg: expect.stringContaining('must name the columns') },
    ]);
    const long = `email\n${'x@other.example\n'.repeat(40_000)}`;
    expect([(await post(IMPORT, token, long)).statusCode, await rowsOf('other.example')]).toEqual([422, []]);
    expect((await post(IMPORT, token, 'email\n', 'xlsx')).statusCode).toBe(422);
  });

  it('is imported by an administrator with a recent proof alone', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    const file = 'email\nfay@fresh.example\n';
    expect((await post(PREVIEW, user.access_token, file)).statusCode).toBe(403);
    expect((await post(IMPORT, user.access_token, file)).statusCode).toBe(403);
    await api.sql(`update sessions set authenticated_at = now() - interval '1 hour' where user_id = $1`, [admin.id]);
    const stale = await post(IMPORT, admin.access_token, file);
    expect([stale.statusCode, stale.json().code]).toEqual([403, 'reauthentication_required']);
    expect(await rowsOf('fresh.example')).toEqual([]);
  });
});
