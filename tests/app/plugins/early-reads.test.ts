import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TestUser } from '../../helpers/api.ts';
import { startWithNotes } from '../../helpers/test-product.ts';

const runs: string[] = [];

/** Reads of a product: one for each thing that a handler may do before the session's check has answered. */
async function reads(app: FastifyInstance): Promise<void> {
  const config = { auth: 'user' } as const;
  const schema = { hide: true };
  app.get('/early/id', { config, schema }, async ({ actor }) => {
    runs.push('id');
    return { id: actor.user.id, role: actor.user.role };
  });
  app.get('/early/name', { config, schema }, async ({ actor }) => {
    runs.push('name');
    return { email: actor.user.email };
  });
  app.get('/early/copy', { config, schema }, async ({ actor }) => {
    runs.push('copy');
    return { user: { ...actor.user } };
  });
  app.get('/early/whole', { config, schema }, async ({ actor }) => {
    runs.push('whole');
    return { user: actor.user };
  });
  app.get('/early/write', { config, schema }, async ({ actor, ctx }) => {
    runs.push('write');
    await ctx.db.execute(`update users set name = 'written' where id = '${actor.user.id}'`);
    return {};
  });
  app.get('/early/fails', { config, schema }, async () => {
    runs.push('fails');
    throw new Error('the handler failed');
  });
  app.get('/early/admin', { config: { auth: 'admin' }, schema }, async () => {
    runs.push('admin');
    return {};
  });
}

const api = startWithNotes({}, { routes: reads });
let user: TestUser;

beforeAll(async () => {
  user = await api.user();
});

async function read(url: string, token = user.access_token): Promise<[status: number, body: Record<string, unknown>]> {
  runs.length = 0;
  const response = await api.request({ method: 'GET', url, token });
  return [response.statusCode, response.json()];
}

describe('a read that begins beside the check of its session', () => {
  it('answers by the claims that the check confirms, in one run', async () => {
    expect(await read('/early/id')).toEqual([200, { id: user.id, role: 'user' }]);
    expect(runs).toEqual(['id']);
  });

  it('runs again with the whole user if it asks for more than the token says', async () => {
    expect(await read('/early/name')).toEqual([200, { email: user.email }]);
    expect(runs).toEqual(['name', 'name']);
    expect(await read('/early/copy')).toMatchObject([200, { user: { id: user.id, email: user.email } }]);
    expect(await read('/early/whole')).toMatchObject([200, { user: { id: user.id, email: user.email } }]);
  });

  it('runs again if the role has changed since the token was signed', async () => {
    const promoted = await api.user();
    await api.sql(`update users set role = 'admin' where id = $1`, [promoted.id]);
    expect(await read('/early/id', promoted.access_token)).toEqual([200, { id: promoted.id, role: 'admin' }]);
    expect(runs).toEqual(['id', 'id']);
    expect((await read('/early/admin', promoted.access_token))[0]).toBe(200);
    await api.sql(`update users set role = 'user' where id = $1`, [promoted.id]);
  });

  it('is refused with an ended session or a disabled account, before anything is written', async () => {
    const leaving = await api.user();
    await api.sql('delete from sessions where user_id = $1', [leaving.id]);
    const ended = await read('/early/write', leaving.access_token);
    expect([ended[0], ended[1].code]).toEqual([401, 'session_ended']);
    expect(await api.sql('select name from users where id = $1', [leaving.id])).toEqual([{ name: null }]);
    const disabled = await api.user();
    await api.sql('update users set is_active = false where id = $1', [disabled.id]);
    const refused = await read('/early/write', disabled.access_token);
    expect([refused[0], refused[1].code]).toEqual([403, 'account_disabled']);
    expect(await api.sql('select name from users where id = $1', [disabled.id])).toEqual([{ name: null }]);
  });

  it('may write once the session is confirmed', async () => {
    expect((await read('/early/write'))[0]).toBe(200);
    expect(await api.sql('select name from users where id = $1', [user.id])).toEqual([{ name: 'written' }]);
  });

  it('refuses the session first, then the input, then what the handler refuses', async () => {
    const leaving = await api.user();
    await api.sql('delete from sessions where user_id = $1', [leaving.id]);
    expect((await read('/kit-notes?limit=0', leaving.access_token))[0]).toBe(401);
    expect((await read('/kit-notes?limit=0'))[0]).toBe(422);
    expect((await read('/early/fails', leaving.access_token))[0]).toBe(401);
    expect((await read('/early/fails'))[0]).toBe(500);
  });

  it('begins after the check if work waits for a connection, with the same answer', async () => {
    // The builder's type leaves its pool out.
    const pool = (api.app.ctx.db as unknown as { $client: Pool }).$client;
    const taken = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
    const further = pool.connect();
    runs.length = 0;
    const reading = api.request({ method: 'GET', url: '/early/id', token: user.access_token });
    // The further one and the check.
    await expect.poll(() => pool.waitingCount).toBe(2);
    expect(runs).toEqual([]);
    for (const client of taken) client.release();
    (await further).release();
    const response = await reading;
    expect([response.statusCode, response.json()]).toEqual([200, { id: user.id, role: 'user' }]);
    expect(runs).toEqual(['id']);
  });

  it('of administrators does not begin for another role', async () => {
    const [status, body] = await read('/early/admin');
    expect([status, body.code, runs]).toEqual([403, 'forbidden', []]);
  });
});
