import { describe, expect, it } from 'vitest';
import { PASSWORD } from '../../helpers/api.ts';
import { startWithNotes } from '../../helpers/test-product.ts';

const api = startWithNotes();

type Line = Record<string, unknown>;

/** The lines of the requests that `work` made, in the order of their answers. */
async function requestLines(work: () => Promise<unknown>): Promise<Line[]> {
  const before = api.logs.length;
  await work();
  return api.logs.slice(before).filter(({ event }) => event === 'request');
}

describe('a request’s line in the log', () => {
  it('says who, what, how long, and what the database had to do', async () => {
    const { id, access_token: token } = await api.user();
    const [line] = await requestLines(() =>
      api.request({ method: 'POST', url: '/kit-notes?secret=1', token, payload: { title: 'logged' } }),
    );
    expect(line).toMatchObject({
      event: 'request',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      method: 'POST',
      path: '/kit-notes',
      route: '/kit-notes',
      status: 201,
      user_id: id,
      // The session, the count of the writes, and the item.
      queries: 3,
    });
    // The sum of the statements' times: concurrent ones count in full.
    expect(line?.db_ms).toBeGreaterThan(0);
    expect(line?.db_ms).toBeLessThanOrEqual(Number(line?.queries) * Number(line?.duration_ms));
    expect(line).not.toHaveProperty('trace_id');
    expect(JSON.stringify(line)).not.toMatch(/secret|logged|Bearer/);
  });

  it('has no user before one is known, and nothing of the database where it was not asked', async () => {
    const lines = await requestLines(async () => {
      await api.request({ url: '/health/live' });
      await api.request({ url: '/kit-notes' });
      await api.request({ url: '/nowhere' });
    });
    expect(lines.map(({ status, queries, db_ms, route }) => ({ status, queries, db_ms, route }))).toEqual([
      { status: 200, queries: 0, db_ms: 0, route: '/health/live' },
      { status: 401, queries: 0, db_ms: 0, route: '/kit-notes' },
      { status: 404, queries: 0, db_ms: 0, route: undefined },
    ]);
    for (const line of lines) expect(line).not.toHaveProperty('user_id');
  });

  it('counts every statement of a transaction, for a body that came in pieces too', async () => {
    const address = `http://127.0.0.1:${await api.listen()}`;
    const body = JSON.stringify({ email: 'pieces@example.com', password: PASSWORD });
    async function* pieces() {
      for (const piece of [body.slice(0, 20), body.slice(20)]) {
        yield Buffer.from(piece);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    const [line] = await requestLines(async () => {
      const answer = await fetch(`${address}/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: ReadableStream.from(pieces()),
        duplex: 'half',
      } as RequestInit);
      expect(answer.status).toBe(201);
      await answer.json();
      // The line is written when the answer has left.
      await expect.poll(() => api.logs.at(-1)?.path).toBe('/auth/register');
    });
    // The limit's count, begin, the user, its failures, two events, the session, commit: at least these.
    expect(line?.queries).toBeGreaterThanOrEqual(8);
    expect(Number(line?.db_ms)).toBeGreaterThan(0);
  });

  it('gives each of many requests at once its own statements, and the shared lookup to each that waited for it', async () => {
    const users = [await api.user(), await api.user(), await api.user()];
    const lines = await requestLines(() =>
      Promise.all(
        users.flatMap(({ access_token: token }) => [
          api.request({ url: '/auth/me', token }),
          api.request({ method: 'POST', url: '/kit-notes', token, payload: { title: 'x' } }),
        ]),
      ),
    );
    expect(lines).toHaveLength(6);
    for (const { route, queries, user_id, db_ms } of lines) {
      expect(queries).toBe(route === '/auth/me' ? 1 : 3);
      expect(users.map(({ id }) => id)).toContain(user_id);
      expect(Number(db_ms)).toBeGreaterThan(0);
    }
    expect(new Set(lines.map(({ user_id }) => user_id)).size).toBe(3);
  });
});
