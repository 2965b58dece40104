import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { sendRows } from '../../../src/app/plugins/row-files.ts';
import { Exported } from '../../../src/app/schemas/exports.ts';
import { AppError } from '../../../src/app/utils/errors.ts';
import { batchesOf } from '../../../src/app/utils/exports.ts';
import type { Page } from '../../../src/app/utils/pages.ts';
import type { TestUser } from '../../helpers/api.ts';
import { startWithNotes } from '../../helpers/test-product.ts';

const ROWS = 100_000;
const BATCHES = ROWS / 1000;
/** More than the buffers of both ends of a connection on the loopback hold in part of the batches. */
const WIDE = 'x'.repeat(1000);

interface Row {
  n: number;
  text: string;
}
const Columns = { properties: { n: {}, text: {} } };

/** Batches that were read since the test began, and how often their reading ended. */
const seen = { batches: 0, ended: 0 };

/** Rows that no table holds, of a list that fails at a batch if it is told to. */
async function* rowsUntil(failing: number): AsyncGenerator<Row[]> {
  try {
    yield* batchesOf<Row>(async ({ limit = 0, cursor = '0' }): Promise<Page<Row>> => {
      const batch = Number(cursor);
      if (batch === failing) throw new AppError('service_unavailable', { cause: new Error('the disk is gone') });
      seen.batches += 1;
      const items = Array.from({ length: limit }, (_, n) => ({ n: batch * limit + n, text: WIDE }));
      return { items, next_cursor: batch + 1 < BATCHES ? String(batch + 1) : null };
    });
  } finally {
    seen.ended += 1;
  }
}

/** Why a file ends for its reader. */
const ENDS = ['session_ended', 'account_disabled', 'forbidden'];

async function routes(app: FastifyInstance): Promise<void> {
  const schema = (operationId: string) => ({ operationId, hide: true, response: { 200: Exported } });
  const serve = (path: string, failing: number): void => {
    app.get(`/files/${path}`, { config: { auth: 'public' }, schema: schema(path) }, async (_request, reply) =>
      sendRows(reply, { name: 'rows', columns: Columns, batches: rowsUntil(failing) }),
    );
  };
  for (const code of ENDS)
    app.get(
      `/files/own-${code}`,
      { config: { auth: 'user' }, schema: schema(`own-${code}`) },
      async (_request, reply) => sendRows(reply, { name: 'rows', columns: Columns, batches: rowsUntil(-1) }),
    );
  serve('whole', -1);
  serve('broken', 3);
  serve('unbegun', 0);
}

const api = startWithNotes({}, { routes });
let user: TestUser;
let port: number;

beforeAll(async () => {
  user = await api.user();
  port = await api.listen();
  await api.sql(
    `insert into kit_notes (id, title, description, owner_id)
       select gen_random_uuid(), 'note ' || n, case when n % 2 = 0 then 'a "quoted", text' end, $1
         from generate_series(1, ${ROWS}) n`,
    [user.id],
  );
});

const exported = (format: string, { access_token }: TestUser) =>
  fetch(`http://127.0.0.1:${port}/kit-notes/export?format=${format}`, {
    headers: { authorization: `Bearer ${access_token}` },
  });

/** The connection of a client that has asked for a path, and has its first bytes. */
async function askFor(path: string, token = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

const linesOf = (path: string) => api.logs.filter((line) => line.path === path);

describe('an export of 100,000 rows', () => {
  it('is a CSV file with every row once, and its statements share no connection', { timeout: 120_000 }, async () => {
    const response = await exported('csv', user);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="notes.csv"');
    const [head, ...lines] = (await response.text()).trimEnd().split('\r\n');
    expect(head).toBe('id,title,description,owner_id,created_at,updated_at');
    expect(lines).toHaveLength(ROWS);
    expect(new Set(lines.map((line) => line.slice(0, 36))).size).toBe(ROWS);
    const { title } = /^[0-9a-f-]{36},(?<title>note \d+),("a ""quoted"", text"|),/.exec(lines[0] ?? '')?.groups ?? {};
    expect(title).toMatch(/^note \d+$/);
    await expect.poll(() => linesOf('/kit-notes/export')).toHaveLength(1);
    // One for each batch, and the session's before each.
    expect(linesOf('/kit-notes/export')[0]).toMatchObject({ event: 'request', status: 200, queries: 2 * BATCHES });
  });

  it('is a file of JSON lines', { timeout: 120_000 }, async () => {
    const response = await exported('ndjson', user);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines).toHaveLength(ROWS);
    expect(Object.keys(JSON.parse(lines[ROWS - 1] ?? ''))).toEqual([
      'id',
      'title',
      'description',
      'owner_id',
      'created_at',
      'updated_at',
    ]);
  });
});

describe('an export that takes longer than a request may wait for the database', () => {
  const impatient = startWithNotes(
    { STATEMENT_TIMEOUT_SECONDS: '1', POOL_TIMEOUT_SECONDS: '1' },
    {
      routes: async (app) => {
        app.get('/files/slow', { config: { auth: 'user' }, schema: { hide: true } }, async ({ ctx }, reply) =>
          sendRows(reply, {
            name: 'rows',
            columns: Columns,
            batches: batchesOf<Row>(async ({ cursor = '0' }) => {
              await ctx.db.execute(sql`select pg_sleep(0.6)`);
              return {
                items: [{ n: Number(cursor), text: '' }],
                next_cursor: cursor < '4' ? `${Number(cursor) + 1}` : null,
              };
            }),
          }),
        );
      },
    },
  );

  it('is whole, since each batch has that time', async () => {
    const { access_token } = await impatient.user();
    const file = await impatient.request({ url: '/files/slow', token: access_token });
    expect(file.body).toBe('n,text\r\n0,\r\n1,\r\n2,\r\n3,\r\n4,\r\n');
  });
});

describe('an export', () => {
  it('has the names alone if there is no row, and no line as JSON', async () => {
    const nobody = await api.user();
    expect(await (await exported('csv', nobody)).text()).toBe(
      'id,title,description,owner_id,created_at,updated_at\r\n',
    );
    expect(await (await exported('ndjson', nobody)).text()).toBe('');
  });

  it('runs no text of a user as a formula', async () => {
    const writer = await api.user();
    const payload = { title: '=HYPERLINK("http://evil.example")', description: '@SUM(A1)' };
    await api.request({ method: 'POST', url: '/kit-notes', token: writer.access_token, payload });
    const text = await (await exported('csv', writer)).text();
    expect(text).toContain(`,"'=HYPERLINK(""http://evil.example"")",'@SUM(A1),`);
    expect(await (await exported('ndjson', writer)).text()).toContain('"description":"@SUM(A1)"');
  });

  it('reads no further than its client, and frees all when that leaves, with a line in the log', {
    timeout: 120_000,
  }, async () => {
    seen.batches = seen.ended = 0;
    const idle = await askFor('/files/whole');
    // Another one is served whole meanwhile: so the first one had its time.
    const whole = await fetch(`http://127.0.0.1:${port}/files/whole`);
    expect((await whole.text()).length).toBeGreaterThan(ROWS * WIDE.length);
    expect(seen.batches - BATCHES).toBeLessThan(BATCHES / 2);
    expect(seen.ended).toBe(1);
    idle.destroy();
    await expect.poll(() => seen.ended).toBe(2);
    const gone = () => linesOf('/files/whole').filter(({ event }) => event === 'answer.abandoned');
    await expect.poll(gone).toHaveLength(1);
    expect(gone()[0]).toMatchObject({ level: 30, method: 'GET', route: '/files/whole', status: 200 });
    expect(
      linesOf('/files/whole')
        .map(({ event }) => event)
        .sort(),
    ).toEqual(['answer.abandoned', 'request']);
  });

  it('that fails after its beginning breaks off, with its cause in the log, and the server goes on', async () => {
    const broken = await fetch(`http://127.0.0.1:${port}/files/broken`);
    expect(broken.status).toBe(200);
    await expect(broken.text()).rejects.toThrow('terminated');
    await expect.poll(() => linesOf('/files/broken')).toHaveLength(1);
    expect(linesOf('/files/broken')[0]).toMatchObject({ level: 50, event: 'answer.broke_off', status: 200 });
    expect(JSON.stringify(linesOf('/files/broken')[0])).toContain('the disk is gone');
    expect((await exported('csv', await api.user())).status).toBe(200);
  });

  it.each([
    ['the session ends', 'session_ended', 'delete from sessions where user_id = $1'],
    ['the account is disabled', 'account_disabled', 'update users set is_active = false where id = $1'],
    ['the role is taken away', 'forbidden', `update users set role = 'user' where id = $1`],
  ])('ends when %s: at the next batch, with a line in the log', { timeout: 120_000 }, async (_what, code, change) => {
    const { id, access_token } = await api.admin();
    const path = `/files/own-${code}`;
    const socket = await askFor(path, access_token);
    await api.sql(change, [id]);
    socket.resume();
    await once(socket, 'close');
    await expect.poll(() => linesOf(path)).toHaveLength(1);
    expect(linesOf(path)[0]).toMatchObject({ level: 30, event: 'answer.ended', code, user_id: id, status: 200 });
    // What both ends of the connection held was sent before.
    expect(socket.bytesRead).toBeLessThan((ROWS * WIDE.length) / 2);
  });

  it('that fails before its beginning is answered as any other failure', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/files/unbegun`);
    expect([response.status, JSON.parse(await response.text()).code]).toEqual([503, 'service_unavailable']);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(response.headers.get('content-disposition')).toBeNull();
  });
});
