import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { EmbeddedPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Certificate, HAS_OPENSSL, makeCertificate } from '../helpers/certificates.ts';
import { postgres15 } from '../helpers/postgres-15.ts';
import { HAS_REDIS, startRedis } from '../helpers/redis.ts';
import { startSilentServer } from '../helpers/silent-server.ts';
import { databaseIn, examine, seenIn } from './examine.ts';

const title = 'on a server of its own, with TLS and few connections, the doctor';

describe.skipIf(!HAS_OPENSSL)(HAS_OPENSSL ? title : `${title} (skipped: openssl is not installed)`, () => {
  let certificate: Certificate;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    certificate = makeCertificate(20);
    const { cert, key } = certificate;
    const settings = { ssl: 'on', ssl_cert_file: cert, ssl_key_file: key, max_connections: 20 };
    server = await startThrowAwayPostgres({ settings });
  });
  afterAll(async () => {
    await server.stop();
    certificate.remove();
  });

  it('sees TLS, who is verified, and when the certificate ends', async () => {
    const unverified = await examine(`${server.url}?sslmode=require`);
    expect(unverified.finding('tls')).toMatchObject({
      level: 'ok',
      message: expect.stringMatching(/^On: TLSv1\.[23]$/),
    });
    expect(unverified.finding('tls_verification')?.message).toMatch(/is not verified, and is this machine/);
    expect(unverified.finding('tls_expiry')).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(/in (19|20) days$/),
    });
    const verified = await examine(`${server.url}?sslmode=verify-full&sslrootcert=${certificate.cert}`);
    expect(verified.finding('tls_verification')).toMatchObject({ level: 'ok' });
    const unnamed = await examine(`${server.url}?sslmode=verify-ca&sslrootcert=${certificate.cert}`);
    expect(unnamed.finding('tls_verification')?.message).toMatch(/its name is not$/);
    expect((await examine(`${server.url}?sslmode=prefer`)).finding('tls_fallback')).toMatchObject({ level: 'warn' });
    expect((await examine(server.url)).finding('tls')?.message).toMatch(/^Off, and not needed/);
  });

  it('says that nobody it knows has signed the certificate', async () => {
    const { finding } = await examine(`${server.url}?sslmode=verify-full`);
    expect(finding('database')).toMatchObject({ level: 'fail', message: expect.stringMatching(/self-signed/) });
  });

  it('counts the connections that others hold, and neither its own nor the application’s', async () => {
    expect(seenIn(databaseIn(await examine(server.url)).usage)).toEqual({
      max_connections: 20,
      reserved: 3,
      others: 0,
      role_limit: undefined,
    });
    const clients = ['psql', 'psql', 'psql', 'back-api'].map(
      (application_name) => new pg.Client({ connectionString: server.url, application_name }),
    );
    await Promise.all(clients.map((client) => client.connect()));
    const { finding, ...examined } = await examine(server.url);
    await Promise.all(clients.map((client) => client.end()));
    expect(seenIn(databaseIn({ finding, ...examined }).usage).others).toBe(3);
    expect(finding('max_connections')).toMatchObject({
      level: 'fail',
      message: expect.stringMatching(/^15 connections at most .* and 14 are to be had/),
    });
  });
});

describe.skipIf(postgres15 === undefined)(
  postgres15 ? 'on PostgreSQL 15 the doctor' : 'on PostgreSQL 15 the doctor (skipped: PostgreSQL 15 is not installed)',
  () => {
    it('can look at everything, and knows when its fixes end', async () => {
      const server = await startThrowAwayPostgres({ binaries: postgres15 ?? '' });
      onTestFinished(() => server.stop());
      const examined = await examine(server.url);
      const { pooler, ...looks } = databaseIn(examined);
      const failures = Object.values(looks).filter((look) => typeof look === 'object' && 'failure' in look);
      expect([pooler, ...failures]).toEqual([undefined]);
      expect(examined.finding('server_version')?.message).toMatch(/^PostgreSQL 15\.\d+.* 2027-11-11/);
    });
  },
);

describe('where the database is away the doctor', () => {
  it.each([
    ['a host that nobody knows', 'postgres://app:x@database.invalid/app', /database\.invalid/],
    ['a bad sslmode', 'postgres://app:x@127.0.0.1/app?sslmode=maybe', /DATABASE_URL cannot be used/],
    [
      'a missing certificate',
      'postgres://app:x@127.0.0.1/app?sslmode=verify-ca&sslrootcert=/no',
      /DATABASE_URL cannot be used/,
    ],
    ['no URL', 'mysql://app:x@127.0.0.1/app', /DATABASE_URL cannot be used/],
  ])('says so once for %s, and looks at the rest', async (_, url, message) => {
    const { diagnosis, finding } = await examine(url);
    expect(finding('database')).toMatchObject({ level: 'fail', message: expect.stringMatching(message) });
    expect(diagnosis.groups.map(({ heading }) => heading)).toEqual(['Connection', 'Keys', 'Settings', 'Budget']);
    expect(finding('keys')).toMatchObject({ level: 'ok' });
  });

  it('gives up a server that takes connections and never answers', async () => {
    const { host, stop } = await startSilentServer();
    onTestFinished(stop);
    const started = performance.now();
    const { finding } = await examine(`postgres://app:x@${host}/app`, { withinMs: 1000 });
    // Its share of the time, and not the driver's ten seconds.
    expect(performance.now() - started).toBeLessThan(8000);
    expect(finding('database')?.message).toMatch(/no answer within|timeout/);
  });
});

if (HAS_REDIS) {
  describe('with REDIS_URL the doctor', () => {
    it('reaches Redis, sees what it forgets, and says when it is away', async () => {
      const redis = await startRedis();
      const environment = { REDIS_URL: redis.url };
      const away = 'postgres://app:x@127.0.0.1:1/app';
      const well = await examine(away, { environment });
      const groups = well.diagnosis.groups.filter(({ heading }) => heading === 'Redis');
      expect(groups.flatMap(({ findings }) => findings.map(({ level }) => level))).toEqual(['ok', 'ok', 'ok']);
      await makeForgetful(redis.url);
      expect((await examine(away, { environment })).finding('redis_eviction')).toMatchObject({
        level: 'warn',
        message: expect.stringContaining('allkeys-lru'),
      });
      await redis.stop();
      expect((await examine(away, { environment })).finding('redis')).toMatchObject({
        level: 'fail',
        message: expect.stringContaining('ECONNREFUSED'),
      });
    });
  });
} else {
  describe.skip('with REDIS_URL the doctor (skipped: redis-server is not installed)', () => {
    it('reaches Redis', () => {});
  });
}

async function makeForgetful(url: string): Promise<void> {
  const { createClient } = await import('@redis/client');
  const client = createClient({ url });
  await client.connect();
  await client.configSet('maxmemory-policy', 'allkeys-lru');
  client.destroy();
}
