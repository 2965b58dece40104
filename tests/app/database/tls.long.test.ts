import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedPostgres } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { connectClient } from '../../../src/app/database/client.ts';
import { databaseError } from '../../../src/app/database/sqlstate.ts';
import { createDatabase } from '../../../src/app/database.ts';
import { testConfig } from '../../helpers/api.ts';
import { HAS_OPENSSL } from '../../helpers/certificates.ts';
import { startTcpProxy } from '../../helpers/tcp-proxy.ts';

type Outcome = 'tls' | 'clear' | 'refused';

const skipped = HAS_OPENSSL ? '' : ' (skipped: openssl is not installed)';

let folder: string;
let withTls: EmbeddedPostgres;

beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  folder = mkdtempSync(join(tmpdir(), 'back-tls-'));
  chmodSync(folder, 0o755);
  makeAuthority('ours');
  makeAuthority('foreign');
  makeServerCertificate('localhost');
  const settings = { ssl: 'on', ssl_cert_file: join(folder, 'server.pem'), ssl_key_file: join(folder, 'server.key') };
  withTls = await startThrowAwayPostgres({ settings });
});
afterAll(async () => {
  await withTls?.stop();
  if (HAS_OPENSSL) rmSync(folder, { recursive: true, force: true });
});

/** The URL of the server with TLS or of the one without, under a name and with parameters. */
function urlOf(server: 'tls' | 'clear', parameters: string, host = 'localhost'): string {
  const url = new URL(server === 'tls' ? withTls.url : inject('postgres_url'));
  url.hostname = host;
  url.search = parameters.replace(/sslrootcert=(\w+)/, `sslrootcert=${join(folder, '$1.pem')}`);
  return url.href;
}

/** How the application's pool gets there, and that a client of its own gets there no other way. */
async function reach(url: string): Promise<Outcome> {
  const config = testConfig(url);
  const { pool } = createDatabase(config, { warn: () => {} });
  const text = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
  const outcome = ({ rows }: { rows: { ssl: boolean }[] }): Outcome => (rows[0]?.ssl ? 'tls' : 'clear');
  try {
    const pooled = await pool.query(text).then(outcome, refusal);
    const client = await connectClient(config).catch(() => undefined);
    const alone = client === undefined ? 'refused' : outcome(await client.query(text));
    await client?.end();
    expect(alone).toBe(pooled);
    return pooled;
  } finally {
    await pool.end();
  }
}

/** A way that is barred is 503 to a client, not a mistake of ours. */
function refusal(error: unknown): Outcome {
  expect(databaseError(error, {})).toMatchObject({ code: 'service_unavailable', retry_after: 1 });
  return 'refused';
}

describe.skipIf(!HAS_OPENSSL)(`a server with TLS, whose certificate is for localhost, is reached${skipped}`, () => {
  it.each<[parameters: string, host: string, outcome: Outcome]>([
    ['', 'localhost', 'clear'],
    ['sslmode=disable', 'localhost', 'clear'],
    ['sslmode=allow', 'localhost', 'tls'],
    ['sslmode=prefer', 'localhost', 'tls'],
    ['sslmode=require', 'localhost', 'tls'],
    ['sslmode=require&sslrootcert=ours', '127.0.0.1', 'tls'],
    ['sslmode=require&sslrootcert=foreign', 'localhost', 'refused'],
    ['sslmode=verify-ca&sslrootcert=ours', 'localhost', 'tls'],
    ['sslmode=verify-ca&sslrootcert=ours', '127.0.0.1', 'tls'],
    ['sslmode=verify-ca&sslrootcert=foreign', 'localhost', 'refused'],
    ['sslmode=verify-ca', 'localhost', 'refused'],
    ['sslmode=verify-full&sslrootcert=ours', 'localhost', 'tls'],
    ['sslmode=verify-full&sslrootcert=ours', '127.0.0.1', 'refused'],
    ['sslmode=verify-full&sslrootcert=foreign', 'localhost', 'refused'],
    ['sslmode=verify-full', 'localhost', 'refused'],
  ])('by “%s” at %s: %s', async (parameters, host, outcome) => {
    expect(await reach(urlOf('tls', parameters, host))).toBe(outcome);
  });
});

describe.skipIf(!HAS_OPENSSL)(`a server without TLS is reached${skipped}`, () => {
  it.each<[parameters: string, outcome: Outcome]>([
    ['', 'clear'],
    ['sslmode=disable', 'clear'],
    ['sslmode=allow', 'clear'],
    ['sslmode=prefer', 'clear'],
    ['sslmode=require', 'refused'],
    ['sslmode=verify-ca&sslrootcert=ours', 'refused'],
    ['sslmode=verify-full&sslrootcert=ours', 'refused'],
  ])('by “%s”: %s', async (parameters, outcome) => {
    expect(await reach(urlOf('clear', parameters, '127.0.0.1'))).toBe(outcome);
  });

  it('by nobody who requires TLS, and nothing is told before the refusal', async () => {
    const url = new URL(urlOf('clear', 'sslmode=require', '127.0.0.1'));
    const sent: Buffer[] = [];
    const proxy = await startTcpProxy(Number(url.port), (bytes) => void sent.push(bytes));
    onTestFinished(proxy.close);
    expect(await reach(proxy.before(url.href))).toBe('refused');
    const SSL_REQUEST = '0000000804d2162f';
    expect(sent.map((bytes) => bytes.toString('hex'))).toEqual([SSL_REQUEST, SSL_REQUEST]);
  });
});

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}

function makeAuthority(name: string): void {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name} authority`, ...files);
}

function makeServerCertificate(host: string): void {
  const request = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', ...request);
  const signer = ['-CA', 'ours.pem', '-CAkey', 'ours.key', '-CAcreateserial', '-copy_extensions', 'copy'];
  openssl('x509', '-req', '-in', 'server.csr', '-days', '2', ...signer, '-out', 'server.pem');
  chmodSync(join(folder, 'server.key'), 0o600);
}
