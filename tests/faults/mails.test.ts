import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';
import { createSetClock, faketimeLibrary } from '../helpers/set-clock.ts';
import { type SmtpSink, startSmtp } from '../helpers/smtp.ts';

/** What runs while the server has the whole mail and has not answered yet. */
let whileTaken: (() => Promise<void>) | undefined;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let sql: pg.Pool;
let sink: SmtpSink;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = new pg.Pool({ connectionString: database.url, max: 2 });
  sql.on('error', () => {});
  sink = await startSmtp({ beforeTaken: async () => whileTaken?.() });
});
afterAll(async () => {
  await sql?.end();
  await sink?.close();
  await database?.drop();
});

async function serve(settings: Record<string, string>): Promise<ServedApp> {
  const app = await serveApp(database.url, { SMTP_URL: sink.url, ...settings });
  onTestFinished(async () => void (await app.stop()));
  return app;
}

/** Opens an account, whose first mail verifies its address. */
async function register({ url }: ServedApp, email: string): Promise<void> {
  const answer = await fetch(`${url}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  expect(answer.status).toBe(201);
}

async function kill({ program }: ServedApp): Promise<void> {
  program.child.kill('SIGKILL');
  await program.ended;
}

const mailsTo = (email: string) => sink.mails.filter(({ recipients }) => recipients.includes(email));
const jobOf = async (email: string) =>
  (
    await sql.query<{ id: string; state: string; attempts: number }>(
      `select id, state, attempts from jobs where kind = 'mail.send' and payload->>'to' = $1`,
      [email],
    )
  ).rows[0];
/** The jobs of a process that ended become free with their lease; the test does not wait for its end. */
const endLeases = () => sql.query(`update jobs set locked_until = now(), run_at = now() where state = 'pending'`);
const settled = (email: string) =>
  expect.poll(async () => (await jobOf(email))?.state, { timeout: 20_000 }).toBe('done');

describe('a mail', () => {
  it('is sent by another process if its own is killed between the commit and the sending', async () => {
    const email = 'committed@example.com';
    const first = await serve({ JOBS: 'false' });
    await register(first, email);
    await kill(first);
    expect(await jobOf(email)).toMatchObject({ state: 'pending', attempts: 0 });
    await serve({});
    await settled(email);
    expect(mailsTo(email)).toHaveLength(1);
  });

  it('is sent again under the same Message-ID if its process is killed between the sending and the settling', async () => {
    const email = 'sent@example.com';
    const first = await serve({});
    whileTaken = async () => {
      whileTaken = undefined;
      await kill(first);
    };
    await register(first, email);
    await expect.poll(() => mailsTo(email).length, { timeout: 20_000 }).toBe(1);
    expect(await jobOf(email)).toMatchObject({ state: 'pending', attempts: 1 });
    await endLeases();
    await serve({});
    await settled(email);
    const ids = mailsTo(email).map(({ message }) => message.messageId);
    expect(ids).toEqual([ids[0], ids[0]]);
    expect(await jobOf(email)).toMatchObject({ attempts: 2 });
  });

  it('is under the same Message-ID if the database is lost while it is sent, and is settled once it is back', async () => {
    const email = 'lost@example.com';
    const app = await serve({});
    whileTaken = async () => {
      whileTaken = undefined;
      await sql.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and application_name = 'back-api'`,
      );
    };
    await register(app, email);
    await expect.poll(() => mailsTo(email).length, { timeout: 20_000 }).toBeGreaterThan(0);
    await settled(email);
    expect(new Set(mailsTo(email).map(({ message }) => message.messageId)).size).toBe(1);
  });

  it('waits while the mail server is away, costs no request more, and is sent once it is back', async () => {
    const email = 'away@example.com';
    const { port } = sink;
    await sink.close();
    const app = await serve({});
    await register(app, email);
    await expect.poll(async () => (await jobOf(email))?.attempts, { timeout: 20_000 }).toBe(1);
    expect(await jobOf(email)).toMatchObject({ state: 'pending' });
    sink = await startSmtp({ port });
    // Its next attempt, ten seconds later.
    await settled(email);
    expect(mailsTo(email)).toHaveLength(1);
  });
});

describe('a mail of a process whose clock is set meanwhile', () => {
  const library = faketimeLibrary;
  if (library === undefined) {
    it.skip('is sent once (skipped: libfaketime is not installed)', () => {});
    return;
  }
  it.each([-3600, 3600])('by %i s is sent once and at once, and its link is good', async (seconds) => {
    const clock = createSetClock(library);
    onTestFinished(clock.remove);
    const app = await serve(clock.environment);
    const email = `clock${seconds}@example.com`;
    await register(app, email);
    await settled(email);
    clock.set(seconds);
    const post = (path: string, body: object) =>
      fetch(app.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post('/auth/forgot-password', { email })).status).toBe(202);
    const links = () =>
      mailsTo(email).flatMap(
        ({ message }) => /reset-password#token=([\w.-]+)/.exec(message.text ?? '')?.slice(1) ?? [],
      );
    const began = performance.now();
    await expect.poll(() => links().length, { timeout: 20_000, interval: 20 }).toBe(1);
    // The worker looks at least once a second; the machine may be busy.
    expect(performance.now() - began).toBeLessThan(10_000);
    clock.set(0);
    const [token] = links();
    expect((await post('/auth/reset-password', { token, password: 'another horse, another staple' })).status).toBe(204);
    // The notice of the change is the last one.
    await expect.poll(() => mailsTo(email).length, { timeout: 20_000 }).toBe(3);
    expect(links()).toHaveLength(1);
    const { rows } = await sql.query(
      `select from jobs where kind = 'mail.send' and payload->>'to' = $1 and attempts = 1`,
      [email],
    );
    expect(rows).toHaveLength(3);
  });
});
