import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { inTransaction } from '../../../src/app/database.ts';
import { PASSWORD } from '../../helpers/api.ts';
import { startWithNotes } from '../../helpers/test-product.ts';

const api = startWithNotes();

const rename = (title: string) => sql`update kit_notes set title = ${title}`;

it('a transaction whose service ignores an error is no success: the caller learns that nothing was stored', async () => {
  const user = await api.user();
  const made = await api.request({
    method: 'POST',
    url: '/kit-notes',
    token: user.access_token,
    payload: { title: 'x' },
  });
  const ignores = inTransaction(api.app.ctx, async (ctx) => {
    await ctx.db.execute(rename('y'));
    await ctx.db.execute(sql`select 1 / ${0}::int`).catch(() => {});
    return 'done';
  });
  await expect(ignores).rejects.toMatchObject({ cause: { message: expect.stringContaining('rolled back') } });
  const url = `/kit-notes/${made.json().id}`;
  expect((await api.request({ method: 'GET', url, token: user.access_token })).json().title).toBe('x');
});

it('a transaction without a statement sends nothing, and its value is returned', async () => {
  expect(await inTransaction(api.app.ctx, async () => 'done')).toBe('done');
});

it.each([
  ['a division by zero', '22012'],
  ['a unique violation', '23505'],
  ['a check violation', '23514'],
])(
  '%s of a deferred trigger is ours, not the client’s: 500, in a transaction and in a statement alone',
  async (_title, code) => {
    const { access_token: token } = await api.user();
    await api.sql(`create function fail_${code}() returns trigger language plpgsql as $$
    begin raise exception 'no' using errcode = '${code}'; end $$`);
    const triggerOn = (table: string): string => `create constraint trigger fail_late after insert on ${table}
    deferrable initially deferred for each row execute function fail_${code}()`;
    await api.sql(triggerOn('sessions'));
    await api.sql(triggerOn('kit_notes'));
    const payload = { email: `late-${code}@example.com`, password: PASSWORD };
    const registered = await api.request({ method: 'POST', url: '/auth/register', payload });
    const made = await api.request({ method: 'POST', url: '/kit-notes', token, payload: { title: 'late' } });
    await api.sql('drop trigger fail_late on sessions; drop trigger fail_late on kit_notes');
    expect([registered.statusCode, registered.json().code]).toEqual([500, 'internal_error']);
    expect([made.statusCode, made.json().code]).toEqual([500, 'internal_error']);
    expect(await api.sql('select from users where email = $1', [payload.email])).toEqual([]);
    expect(await api.sql(`select from kit_notes where title = 'late'`)).toEqual([]);
  },
);
