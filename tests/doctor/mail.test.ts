import dns from 'node:dns/promises';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { HAS_OPENSSL, makeCertificate } from '../helpers/certificates.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { type SinkOptions, startScriptedSmtp, startSmtp } from '../helpers/smtp.ts';
import { startTxtServer } from '../helpers/txt-server.ts';
import { examine } from './examine.ts';
import { observed, troubles } from './observation.ts';

/** Where nothing listens, so that the looks at the database end at once. */
const NO_DATABASE = 'postgres://nobody@127.0.0.1:1/none';
const CREDENTIALS = { user: 'mail@example.com', pass: 'p/ss:word %' };
const skipped = HAS_OPENSSL ? '' : ' (skipped: openssl is not installed)';

async function sink(options: SinkOptions = {}) {
  const server = await startSmtp(options);
  onTestFinished(() => server.close());
  return server;
}
const findingOf = async (url: string, check: string, environment: Record<string, string> = {}) =>
  (await examine(NO_DATABASE, { environment: { SMTP_URL: url, ...environment } })).finding(check);

describe('the mail server', () => {
  it.skipIf(skipped !== '')(`is well if it shows a certificate that holds and takes the login${skipped}`, async () => {
    const certificate = makeCertificate(10);
    onTestFinished(certificate.remove);
    const server = await sink({ certificate, credentials: CREDENTIALS });
    const trusted = `${server.url}?requireTLS=true&ca=${certificate.cert}`;
    expect(await findingOf(trusted, 'smtp')).toMatchObject({
      level: 'ok',
      message: `The mail server at 127.0.0.1:${server.port} answers over verified TLS and takes our login`,
    });
    const untrusted = await findingOf(`${server.url}?requireTLS=true`, 'smtp');
    expect(untrusted).toMatchObject({ level: 'fail', message: expect.stringMatching(/self-signed certificate/) });
    const wrong = await findingOf(trusted.replace('word', 'wrong'), 'smtp');
    expect(wrong).toMatchObject({ level: 'fail', message: expect.stringMatching(/535/) });
    expect(JSON.stringify([untrusted, wrong])).not.toContain('p/ss');
    expect(server.mails).toEqual([]);
  });

  it('is well in clear on this machine', async () => {
    const server = await sink();
    expect(await findingOf(server.url, 'smtp')).toMatchObject({
      level: 'ok',
      message: expect.stringContaining('on this machine'),
    });
  });

  it('fails if nothing listens, and within the time limit if it says nothing', async () => {
    expect(await findingOf('smtp://127.0.0.1:1', 'smtp')).toMatchObject({ level: 'fail' });
    const silent = await startScriptedSmtp(() => undefined);
    onTestFinished(silent.close);
    const started = performance.now();
    const examined = await examine(NO_DATABASE, { environment: { SMTP_URL: silent.url }, withinMs: 2000 });
    expect(examined.finding('smtp')).toMatchObject({
      level: 'fail',
      message: expect.stringMatching(/no answer within/),
    });
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

describe('the sender’s domain', () => {
  const before = dns.getServers();
  afterEach(() => dns.setServers(before));
  const lookUp = async (names: Record<string, string[]>) => {
    const nameServer = await startTxtServer(names);
    onTestFinished(nameServer.close);
    dns.setServers([nameServer.address]);
    const server = await sink();
    const { finding } = await examine(NO_DATABASE, {
      environment: { SMTP_URL: server.url, MAIL_FROM: 'no-reply@example.com', PUBLIC_URL: 'https://api.example.com' },
    });
    return ['spf', 'dkim', 'dmarc'].map((check) => finding(check)?.level);
  };

  it('is well with SPF, DKIM and DMARC', async () => {
    const published = {
      'example.com': ['some other text', 'v=spf1 include:mail.example.net -all'],
      '_dmarc.example.com': ['v=DMARC1; p=reject'],
      '_domainkey.example.com': [],
    };
    expect(await lookUp(published)).toEqual(['ok', 'ok', 'ok']);
  });

  it('lacks what is not published', async () => {
    expect(await lookUp({ 'example.com': ['v=spf10'], '_dmarc.example.com': [] })).toEqual(['warn', 'warn', 'warn']);
  });
});

describe('the links of mails', () => {
  const SMTP_URL = 'smtps://mail.example.com';
  it.each([
    [{ SMTP_URL, PUBLIC_URL: 'http://localhost:8000' }, 'fail', /the reader's own machine/],
    [{ SMTP_URL, PUBLIC_URL: 'http://api.example.com' }, 'warn', /in clear/],
    [{ SMTP_URL, PUBLIC_URL: 'https://api.example.com', APP_URL: 'http://app.example.com' }, 'warn', /in clear/],
    [{ SMTP_URL, PUBLIC_URL: 'https://api.example.com', PAGES_ENABLED: 'false' }, 'fail', /PAGES_ENABLED is false/],
  ])('of %j: %s', (environment, level, message) => {
    expect(troubles(observed({ environment }))).toMatchObject([
      { check: 'links', level, message: expect.stringMatching(message) },
    ]);
  });

  it('without SMTP_URL a production is warned', () => {
    const { mail: _, ...without } = observed({ environment: { SMTP_URL: '', PUBLIC_URL: '' } });
    expect(troubles(without)).toMatchObject([{ check: 'smtp', level: 'warn' }]);
  });
});

describe('the jobs', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('are told by the oldest that waits and by the kinds of those that were given up', async () => {
    const calm = await examine(database.url);
    expect(calm.finding('jobs')).toMatchObject({ level: 'ok', message: '0 jobs waiting, none of them late' });
    expect(calm.finding('jobs_dead')).toMatchObject({ level: 'ok' });
    const client = new pg.Client(database.url);
    await client.connect();
    await client.query(`
      insert into jobs (id, kind, payload, max_attempts, run_at, state, finished_at, locked_until) values
        (gen_random_uuid(), 'report.write', '{}', 3, now() - interval '10 minutes', 'pending', null, null),
        (gen_random_uuid(), 'report.later', '{}', 3, now() + interval '1 day', 'pending', null, null),
        (gen_random_uuid(), 'report.now', '{}', 3, now() - interval '1 hour', 'pending', null, now() + interval '1 minute'),
        (gen_random_uuid(), 'mail.send', '{}', 3, now(), 'dead', now(), null)`);
    await client.end();
    const late = await examine(database.url);
    expect(late.finding('jobs')).toMatchObject({
      level: 'warn',
      message: 'The oldest of 3 waiting jobs, of the kind report.write, is 10 minutes late',
    });
    expect(late.finding('jobs_dead')).toMatchObject({ level: 'warn', message: '1 job given up: mail.send' });
  });
});
