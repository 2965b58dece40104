import { describe, expect, it } from 'vitest';
import { newId, timeOfId } from '../../../../src/app/utils/ids.ts';
import { PASSWORD, startApi, type TestUser } from '../../../helpers/api.ts';

const api = startApi();

interface Event {
  id: string;
  event: string;
  created_at: string;
  subject_id: string | null;
}

const list = async (admin: TestUser, query: Record<string, string>) => {
  const response = await api.request({ url: '/audit-events', query, token: admin.access_token });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<{ items: Event[]; next_cursor: string | null }>();
};

describe('GET /audit-events/export', () => {
  it('is a file of all that the filters let through, for administrators alone', async () => {
    const [admin, user] = [await api.admin(), await api.user()];
    const url = `/audit-events/export?subject_id=${user.id}`;
    const answer = await api.request({ url, token: admin.access_token, headers: { 'user-agent': '=1+1' } });
    expect([answer.statusCode, answer.headers['content-disposition']]).toEqual([
      200,
      'attachment; filename="audit-events.csv"',
    ]);
    const [head, ...rows] = answer.body.trim().split('\r\n');
    expect(head).toBe('id,created_at,event,actor_id,subject_id,session_id,ip,user_agent,request_id,details');
    expect(rows.map((row) => row.split(',')[2])).toEqual(['session.started', 'user.registered']);
    const lines = await api.request({ url: `${url}&format=ndjson&event=user.registered`, token: admin.access_token });
    expect(JSON.parse(lines.body)).toMatchObject({ event: 'user.registered', subject_id: user.id, details: {} });
    expect((await api.request({ url })).statusCode).toBe(401);
    expect((await api.request({ url, token: user.access_token })).json().code).toBe('forbidden');
    expect((await api.request({ url: `${url}&limit=5`, token: admin.access_token })).statusCode).toBe(422);
  });

  it('has more rows than a page', async () => {
    const admin = await api.admin();
    const id = newId();
    const ids = Array.from({ length: 2500 }, newId);
    await api.sql(
      `insert into audit_events (id, created_at, event, subject_id)
       select id, created_at, 'user.updated', $1 from unnest($2::uuid[], $3::timestamptz[]) as row (id, created_at)`,
      [id, ids, ids.map(timeOfId)],
    );
    const { body } = await api.request({ url: `/audit-events/export?subject_id=${id}`, token: admin.access_token });
    expect(new Set(body.trim().split('\r\n').slice(1)).size).toBe(2500);
  });
});

describe('GET /audit-events', () => {
  it('shows an event as it was recorded, without its links', async () => {
    const admin = await api.admin();
    const user = await api.user();
    const { items } = await list(admin, { subject_id: user.id, event: 'user.registered' });
    expect(items).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        event: 'user.registered',
        actor_id: user.id,
        subject_id: user.id,
        session_id: null,
        ip: '127.0.0.1',
        user_agent: 'lightMyRequest',
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        details: {},
      },
    ]);
  });

  it('keeps to every filter given', async () => {
    const [admin, user, other] = [await api.admin(), await api.user(), await api.user()];
    await api.request({ method: 'DELETE', url: `/users/${user.id}/sessions`, token: admin.access_token });
    await api.request({ method: 'DELETE', url: `/users/${other.id}`, token: admin.access_token });
    const names = async (query: Record<string, string>) => (await list(admin, query)).items.map(({ event }) => event);
    expect(await names({ actor_id: admin.id })).toEqual([
      'user.deleted',
      'sessions.ended',
      'session.started',
      'user.registered',
    ]);
    expect(await names({ actor_id: admin.id, subject_id: user.id })).toEqual(['sessions.ended']);
    expect(await names({ actor_id: admin.id, event: 'user.deleted' })).toEqual(['user.deleted']);
    expect(await names({ subject_id: user.id, event: 'user.deleted' })).toEqual([]);
    expect(await names({ event: 'never.happened' })).toEqual([]);
  });

  it('counts from `since`, that moment included, to `until`, that moment not, in any time zone', async () => {
    const admin = await api.admin();
    const user = await api.user();
    await api.request({ method: 'POST', url: '/auth/logout', token: user.access_token });
    const all = (await list(admin, { subject_id: user.id })).items;
    const between = async (since: string, until: string) =>
      (await list(admin, { subject_id: user.id, since, until })).items.map(({ id }) => id);
    const [first, last] = [all.at(-1)?.created_at ?? '', all[0]?.created_at ?? ''];
    const zoned = `${new Date(new Date(first).getTime() + 2 * 3_600_000).toISOString().slice(0, -1)}+02:00`;
    const expected = all.filter(({ created_at }) => created_at < last).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(0);
    expect(await between(first, last)).toEqual(expected);
    expect(await between(zoned, last)).toEqual(expected);
    expect(await between(last, first)).toEqual([]);
  });

  it('pages newest first without losing or repeating an event, across months too', async () => {
    const admin = await api.admin();
    const subject_id = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';
    // Ids whose time is in this month, in the months before it that have no partition, and twice the same.
    const times = [0, 0, 1, 40, 40, 41, 80].map((days) => Date.now() - days * 86_400_000);
    for (const [n, time] of times.entries()) {
      const hex = time.toString(16).padStart(12, '0');
      const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(n).padStart(12, '0')}`;
      const values = [id, new Date(time), subject_id];
      await api.sql(
        `insert into audit_events (id, created_at, event, subject_id) values ($1, $2, 'user.old', $3)`,
        values,
      );
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Event[]; next_cursor: string | null } = await list(admin, {
        subject_id,
        limit: '2',
        ...(cursor !== null && { cursor }),
      });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([...seen].sort().reverse());
    expect(new Set(seen).size).toBe(times.length);
  });

  it.each([
    { since: 'yesterday' },
    { since: '0000-00-00' },
    { until: 'infinity' },
    { until: '+275761-01-01T00:00:00Z' },
    { since: '2026-12-31T23:59:60Z' },
    { since: '0000-01-01T00:00:00Z' },
    { actor_id: 'not-a-uuid' },
    { subject_id: '019AB7C5-6F3E-7C1A-9D55-8F0E4B2A1C3D' },
    { event: "x' or 1=1" },
    { event: '' },
    { cursor: 'AAAA' },
    { limit: '0' },
    { sort: 'ip' },
  ])('refuses %o', async (query) => {
    const admin = await api.admin();
    const response = await api.request({
      url: '/audit-events',
      query: { ...query } as never,
      token: admin.access_token,
    });
    expect([response.statusCode, response.json().code]).toEqual([422, 'validation_failed']);
  });

  it('is refused to everybody but administrators', async () => {
    const user = await api.user();
    expect((await api.request({ url: '/audit-events' })).json().code).toBe('not_authenticated');
    expect((await api.request({ url: '/audit-events', token: user.access_token })).json().code).toBe('forbidden');
  });

  it('has no way to change or remove an event', async () => {
    const admin = await api.admin();
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const payload = { email: admin.email, password: PASSWORD };
      const answer = await api.request({ method, url: '/audit-events', payload, token: admin.access_token });
      expect(answer.statusCode).toBe(405);
    }
  });
});
