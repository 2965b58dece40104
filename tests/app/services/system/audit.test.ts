import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUDIT_EVENTS } from '../../../../src/app/models/system/audit-events.ts';
import { claimsOf, PASSWORD, startApi } from '../../../helpers/api.ts';

const api = startApi();

interface Row {
  event: string;
  actor_id: string | null;
  subject_id: string | null;
  session_id: string | null;
  ip: string;
  user_agent: string;
  request_id: string;
  details: Record<string, unknown>;
}

const eventsOf = (subject_id: string): Promise<Row[]> =>
  api.sql<Row & Record<string, unknown>>(`select * from audit_events where subject_id = $1 order by created_at, id`, [
    subject_id,
  ]);
const namesOf = async (subject_id: string) => (await eventsOf(subject_id)).map(({ event }) => event);
const sessionOf = (token: string) => claimsOf(token).sid;

describe('what is written down', () => {
  it('has who, whose, from where, in which session and request', async () => {
    const registration = await api.request({
      method: 'POST',
      url: '/auth/register',
      payload: { email: 'recorded@example.com', password: PASSWORD },
      headers: { 'user-agent': `Tester/1 ${'x'.repeat(400)}` },
      remoteAddress: '203.0.113.9',
    });
    const session_id = sessionOf(registration.json().access_token);
    const [user] = await api.sql<{ id: string }>(`select id from users where email = 'recorded@example.com'`);
    const [registered, started] = await eventsOf(user?.id ?? '');
    const common = {
      actor_id: user?.id,
      subject_id: user?.id,
      ip: '203.0.113.9',
      user_agent: expect.stringMatching(/^Tester\/1 x{246}$/),
      request_id: registration.headers['x-request-id'],
    };
    expect(registered).toMatchObject({ ...common, event: 'user.registered', session_id: null });
    expect(started).toMatchObject({ ...common, event: 'session.started', session_id });
  });

  it('is each step of an account’s life, and not its refreshes', async () => {
    const user = await api.user();
    const post = (url: string, payload: object, token?: string) =>
      api.request({ method: 'POST', url, payload, ...(token && { token }) });
    await post('/auth/login', { email: user.email, password: 'not this one' });
    const other = (await post('/auth/login', { email: user.email, password: PASSWORD })).json();
    await post('/auth/refresh', { refresh_token: other.refresh_token });
    await api.request({ method: 'PATCH', url: '/auth/me', payload: { name: 'Ann' }, token: user.access_token });
    await post('/auth/me/password', { current_password: 'wrong', new_password: 'x' }, user.access_token);
    const change = { current_password: PASSWORD, new_password: 'another long password' };
    await post('/auth/me/password', change, user.access_token);
    await api.request({
      method: 'DELETE',
      url: '/auth/me',
      payload: { password: change.new_password },
      token: user.access_token,
    });
    const events = await eventsOf(user.id);
    expect(events.map(({ event, details }) => [event, details])).toEqual([
      ['user.registered', {}],
      ['session.started', {}],
      ['login.failed', { reason: 'invalid_credentials' }],
      ['session.started', {}],
      ['user.updated', { fields: ['name'] }],
      ['reauthentication.failed', {}],
      ['password.changed', {}],
      ['sessions.ended', { count: 1 }],
      ['user.deleted', {}],
    ]);
    expect(events.at(-1)).toMatchObject({ actor_id: user.id, session_id: sessionOf(user.access_token) });
    expect(await api.sql('select 1 from users where id = $1', [user.id])).toEqual([]);
  });

  it('tells a failed login of nobody from one of somebody only to administrators', async () => {
    const payload = { email: 'nobody-at-all@example.com', password: PASSWORD };
    const answer = await api.request({ method: 'POST', url: '/auth/login', payload });
    const [row] = await api.sql<Row & Record<string, unknown>>('select * from audit_events where request_id = $1', [
      answer.headers['x-request-id'],
    ]);
    expect(row).toMatchObject({ event: 'login.failed', actor_id: null, subject_id: null });
    expect(JSON.stringify(row)).not.toContain('nobody-at-all');
  });

  it('names the session that ended and who ended it', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    const id = sessionOf(user.access_token);
    await api.request({ method: 'DELETE', url: `/users/${user.id}/sessions/${id}`, token: admin.access_token });
    expect((await eventsOf(user.id)).at(-1)).toMatchObject({
      event: 'session.ended',
      actor_id: admin.id,
      session_id: sessionOf(admin.access_token),
      details: { ended_session_id: id },
    });
  });

  it('has an administrator’s changes one by one', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    const patch = (payload: object) =>
      api.request({ method: 'PATCH', url: `/users/${user.id}`, payload, token: admin.access_token });
    await patch({ name: 'B', role: 'admin' });
    await patch({ is_active: false });
    await patch({ is_active: true });
    await api.request({ method: 'DELETE', url: `/users/${user.id}`, token: admin.access_token });
    expect((await namesOf(user.id)).slice(2)).toEqual([
      'user.updated',
      'user.role_changed',
      'user.disabled',
      'sessions.ended',
      'user.enabled',
      'user.deleted',
    ]);
    const payload = { email: 'made-by-admin@example.com', password: PASSWORD, role: 'admin' };
    const made = await api.request({ method: 'POST', url: '/users', payload, token: admin.access_token });
    expect(await eventsOf(made.json().id)).toMatchObject([
      { event: 'user.created', actor_id: admin.id, details: { role: 'admin' } },
    ]);
  });

  it('has nothing of a change that changes nothing', async () => {
    const [admin, user] = [await api.admin(), await api.user({ name: 'Same' })];
    const before = await api.sql('select xmin, * from users where id = $1', [user.id]);
    const patch = (url: string, token: string, payload: object) =>
      api.request({ method: 'PATCH', url, payload, token });
    for (let n = 0; n < 3; n++) {
      expect((await patch('/auth/me', user.access_token, { name: 'Same' })).statusCode).toBe(200);
      const same = { name: 'Same', role: 'user', is_active: true };
      expect((await patch(`/users/${user.id}`, admin.access_token, same)).statusCode).toBe(200);
    }
    expect((await namesOf(user.id)).slice(2)).toEqual([]);
    expect(await api.sql('select xmin, * from users where id = $1', [user.id])).toEqual(before);
    await patch(`/users/${user.id}`, admin.access_token, { name: 'Other', role: 'user' });
    expect((await namesOf(user.id)).slice(2)).toEqual(['user.updated']);
  });

  it('has one row for a used refresh token, however many bring it at once', async () => {
    const user = await api.user();
    let pair = { refresh_token: user.refresh_token };
    const refresh = (refresh_token: string) =>
      api.request({ method: 'POST', url: '/auth/refresh', payload: { refresh_token } });
    for (let n = 0; n < 2; n++) pair = (await refresh(pair.refresh_token)).json();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(user.refresh_token)));
    expect(answers.some((answer) => answer.json().code === 'refresh_token_reused')).toBe(true);
    expect((await namesOf(user.id)).slice(2)).toEqual(['session.refresh_token_reused']);
  });

  it('has the first refusal of a minute, not each of them', async () => {
    const user = await api.user();
    for (let n = 0; n < 3; n++) await api.request({ url: '/users', token: user.access_token });
    await api.request({ url: '/audit-events', token: user.access_token });
    const refused = (await eventsOf(user.id)).slice(2).map(({ event, details }) => [event, details]);
    expect(refused).toEqual([
      ['access.forbidden', { operation: 'GET /users' }],
      ['access.forbidden', { operation: 'GET /audit-events' }],
    ]);
  });

  it('is nothing where the change itself was refused', async () => {
    const user = await api.user();
    const [before] = await api.sql('select count(*) from audit_events');
    const payload = { email: user.email, password: PASSWORD };
    expect((await api.request({ method: 'POST', url: '/auth/register', payload })).statusCode).toBe(409);
    const id = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';
    const missing = await api.request({ method: 'DELETE', url: `/auth/sessions/${id}`, token: user.access_token });
    expect(missing.statusCode).toBe(404);
    expect(await api.sql('select count(*) from audit_events')).toEqual([before]);
  });

  it('holds no password, token or address', async () => {
    const user = await api.user({ email: 'secret-address@example.com' });
    await api.request({
      method: 'POST',
      url: '/auth/login',
      payload: { email: user.email, password: 'tell-nobody-1' },
    });
    const rows = JSON.stringify(await api.sql('select * from audit_events'));
    for (const secret of [PASSWORD, 'tell-nobody-1', user.access_token, user.refresh_token, 'secret-address'])
      expect(rows).not.toContain(secret);
  });
});

describe('a change whose record cannot be written', () => {
  it('does not happen', async () => {
    const user = await api.user();
    await api.sql(`alter table audit_events add constraint broken check (event <> 'user.updated') not valid`);
    try {
      const rename = {
        method: 'PATCH',
        url: '/auth/me',
        payload: { name: 'Unseen' },
        token: user.access_token,
      } as const;
      expect((await api.request(rename)).statusCode).toBeGreaterThanOrEqual(400);
      expect(await api.sql('select name from users where id = $1', [user.id])).toEqual([{ name: null }]);
    } finally {
      await api.sql('alter table audit_events drop constraint broken');
    }
  });
});

describe('every event', () => {
  const text = (path: string): string => readFileSync(join(import.meta.dirname, '../../../..', path), 'utf8');

  it.each(AUDIT_EVENTS)('%s is recorded somewhere, tested and explained', (event) => {
    const services = globSync('src/app/services/**/*.ts').map(text).join('\n');
    const tests = globSync('tests/**/*.test.ts').map(text).join('\n');
    expect(services).toContain(`'${event}'`);
    expect(tests).toContain(`'${event}'`);
    expect(text('docs/guides/audit.md')).toContain(`\`${event}\``);
  });
});
