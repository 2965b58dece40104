import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeNewKey } from '../../src/app/keys/files.ts';
import { exposedFiles } from '../../src/doctor/observe/machine.ts';
import { GOOD_KEY, NOW, observed, troubles } from './observation.ts';

const LOCAL = 'postgresql://postgres:root@localhost:5432/py-db';
const development = { ENVIRONMENT: 'development' };

type Row = [environment: Record<string, string>, level: 'warn' | 'fail', check: string, message: RegExp];

const SETTINGS: Row[] = [
  [{ POOL_TIMEOUT_SECONDS: '26' }, 'warn', 'request_wait', /may wait 31 s/],
  [{ POOL_SIZE: 'many' }, 'fail', 'settings', /^POOL_SIZE must be/],
  [{ KEEPALIVE_IDLE_SECONDS: '300' }, 'warn', 'keepalive', /KEEPALIVE_IDLE_SECONDS \(300\)/],
  [{ DAYS_REFRESH_TOKEN_EXPIRE: '31' }, 'fail', 'settings', /^DAYS_REFRESH_TOKEN_EXPIRE must not be longer/],
  [
    { MINUTES_TOKEN_EXPIRE: '1440', DAYS_REFRESH_TOKEN_EXPIRE: '1' },
    'warn',
    'token_life',
    /as long as a refresh token/,
  ],
  [{ AUDIT_RETENTION_DAYS: '29' }, 'warn', 'audit_retention', /less than DAYS_SESSION_MAX/],
  [{ WORKERS: '5', POOL_MAX_OVERFLOW: '0' }, 'warn', 'workers', /WORKERS is 5 and there are 4 cores/],
  [{ TRUSTED_PROXIES: '10.0.0.1,0.0.0.0/0' }, 'fail', 'trusted_proxies', /0\.0\.0\.0\/0/],
  [{ TRUSTED_PROXIES: '::/0' }, 'fail', 'trusted_proxies', /has ::\/0/],
  [{ TRUSTED_PROXIES: '8.0.0.0/6' }, 'warn', 'trusted_proxies', /8\.0\.0\.0\/6/],
  [{ HOST: '127.0.0.1' }, 'warn', 'trusted_proxies', /TRUSTED_PROXIES is empty/],
  [{ CORS_ORIGINS: '*' }, 'fail', 'settings', /^CORS_ORIGINS must name the origins/],
  [{ ...development, CORS_ORIGINS: '*' }, 'warn', 'cors', /every website/],
  [{ ...development, CORS_ORIGINS: '*,https://a.example' }, 'warn', 'cors', /mean nothing/],
  [{ CORS_ORIGINS: 'http://app.example.com' }, 'warn', 'cors', /has http:\/\/app\.example\.com/],
  [{ CORS_ORIGINS: 'http://localhost:3000' }, 'warn', 'cors', /visitor’s machine/],
  [{ DATABASE_URL: '' }, 'fail', 'settings', /^DATABASE_URL is required in production/],
  [{ DATABASE_URL: LOCAL }, 'fail', 'database_password', /everybody tries first/],
  [{ DOCS_ENABLED: 'true' }, 'warn', 'docs_open', /\/docs/],
  [{ METRICS_ENABLED: 'true' }, 'warn', 'metrics_open', /\/metrics/],
  [{ LOG_LEVEL: 'silent' }, 'warn', 'log_level', /silent/],
  [{ RATE_LIMITS: 'false' }, 'fail', 'limits_off', /guessed without end/],
  [
    { ...development, RATE_LIMITS: 'false', LIMIT_REFRESHES_PER_IP: '9/1m' },
    'warn',
    'limits_off',
    /LIMIT_REFRESHES_PER_IP is set and means nothing/,
  ],
  [{ LIMIT_LOGIN_FAILURES_PER_ACCOUNT: '101/1m', LIMIT_LOGIN_FAILURES_PER_IP: '200/1m' }, 'warn', 'limits', /never/],
  [{ LIMIT_LOGIN_FAILURES_PER_IP: '9/1m' }, 'warn', 'limits', /one forgetful user/],
];

const KEYS: Row[] = [
  [{ SECRET_KEY: '' }, 'fail', 'keys', /^SECRET_KEY is required/],
  [{ SECRET_KEY: 'short' }, 'fail', 'keys', /^SECRET_KEY must be at least 32 bytes/],
  [{ SECRET_KEY: `change-me-${GOOD_KEY}` }, 'fail', 'keys', /^SECRET_KEY is a placeholder/],
  [{ SECRET_KEY: 'x'.repeat(64) }, 'fail', 'keys', /fewer than 10 different characters/],
  [{ PREVIOUS_SECRET_KEYS: 'short' }, 'fail', 'keys', /^PREVIOUS_SECRET_KEYS has a key/],
  [{ KEYS_DIRECTORY: '/nowhere/at/all' }, 'fail', 'keys', /^KEYS_DIRECTORY has no keys/],
  [{ SECRET_KEY: '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7' }, 'fail', 'keys', /tutorial/],
  [{ SECRET_KEY: 'zM3k9Qw1LpX8vT5n'.repeat(3) }, 'warn', 'keys', /repeats the same 16 characters/],
  [{ SECRET_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789' }, 'warn', 'keys', /neighbouring characters/],
  [{ SECRET_KEY: `a${'.b.'.repeat(10)}1c2d3e4f5` }, 'warn', 'keys', /fewer than 96 bits/],
  [{ SECRET_KEY: 'correct horse battery staple, and a rubber duck' }, 'warn', 'keys', /made of words/],
  [{ PREVIOUS_SECRET_KEYS: GOOD_KEY }, 'warn', 'key_reuse', /SECRET_KEY itself/],
  [{ PREVIOUS_SECRET_KEYS: `${GOOD_KEY.slice(1)},${GOOD_KEY.slice(1)}` }, 'warn', 'key_reuse', /same key twice/],
  [
    { DATABASE_URL: `postgres://app:${encodeURIComponent(GOOD_KEY)}@db.example.com/app` },
    'warn',
    'key_reuse',
    /password of the database too/,
  ],
];

describe('the doctor', () => {
  it('finds nothing wrong with a production in which all is well', () => {
    expect(troubles(observed())).toEqual([]);
  });

  it('finds nothing wrong with the defaults of development', () => {
    const environment = { ...development, DATABASE_URL: '', DOCS_ENABLED: '', METRICS_ENABLED: '', HOST: '' };
    expect(troubles(observed({ environment }))).toEqual([]);
  });

  it.each([...SETTINGS, ...KEYS])(
    'names what is wrong with %j, and nothing else: %s %s',
    (environment, level, check, message) => {
      const found = troubles(observed({ environment }));
      expect(found).toEqual([{ check, level, message: expect.stringMatching(message), fix: expect.any(Array) }]);
      // What the configuration itself refuses says in its own sentence what to do.
      if (check !== 'settings' && !(check === 'keys' && level === 'fail')) expect(found[0]?.fix.join()).not.toBe('');
    },
  );

  it.each(['base64', 'base64url', 'hex'] as const)('takes no random key in %s for a weak one', (encoding) => {
    // The same ones in each run: a truly random one may look weak now and then.
    const weak = Array.from({ length: 200 }, (_none, number) => {
      const bytes = createHash('sha256').update(`key ${number}`).digest();
      const key = bytes.subarray(0, encoding === 'hex' ? 16 : 32).toString(encoding);
      return troubles(observed({ environment: { SECRET_KEY: key } })).length;
    });
    expect(weak.filter((count) => count > 0)).toEqual([]);
  });

  it('judges no PEM key by the look of its letters', () => {
    const { config, problems } = observed({ environment: { ALGORITHM: 'ES256' } });
    expect(config.algorithm).toBe('ES256');
    expect(problems).toEqual([expect.stringMatching(/^SECRET_KEY must be a private key in PEM form/)]);
    expect(troubles(observed({ environment: { ALGORITHM: 'ES256' } }))).toHaveLength(1);
  });

  it('names files with secrets that others may read', () => {
    expect(troubles(observed({ exposed_files: ['.env'] }))).toMatchObject([
      { check: 'secret_files', level: 'warn', fix: ['chmod 600 .env'] },
    ]);
  });

  it('finds the files with secrets by their mode', () => {
    const directory = mkdtempSync(join(tmpdir(), 'back-doctor-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const created_at = new Date(NOW.getTime());
    const keys_directory = join(directory, 'keys');
    const { file } = writeNewKey(keys_directory, { algorithm: 'ES256', created_at, signs_from: created_at });
    writeFileSync(join(directory, '.env'), 'SECRET_KEY=…', { mode: 0o600 });
    const settings = { keys_directory, allow_rs256: false };
    expect(exposedFiles(directory, settings)).toEqual([]);
    chmodSync(join(directory, '.env'), 0o640);
    chmodSync(join(keys_directory, file), 0o604);
    expect(exposedFiles(directory, settings)).toEqual(['.env', join(keys_directory, file)]);
  });

  it('misses a storage in production if the product takes uploads, and doubts a folder of several instances', () => {
    const uploads = { file_purposes: ['cover', 'paper'] };
    const folder = { STORAGE_DIRECTORY: '/srv/files' };
    const bucket = { STORAGE_BUCKET: 'covers', STORAGE_ACCESS_KEY_ID: 'id', STORAGE_SECRET_ACCESS_KEY: 'Ohz7Aeb5aiQu' };
    expect(troubles(observed(uploads))).toMatchObject([
      { check: 'storage', level: 'fail', message: expect.stringMatching(/\(cover, paper\) and no storage is set/) },
    ]);
    const shared = { ...uploads, instances: 2 };
    expect(troubles(observed({ ...shared, environment: folder }))).toMatchObject([
      { check: 'storage', level: 'warn', message: expect.stringMatching(/2 instances/) },
    ]);
    for (const well of [
      observed({ instances: 2 }),
      observed({ ...uploads, environment: folder }),
      observed({ ...shared, environment: bucket }),
      observed({ ...uploads, environment: { ...development, PUBLIC_URL: '' } }),
    ])
      expect(troubles(well).filter(({ check }) => check === 'storage')).toEqual([]);
  });

  it('judges the port of the pooler by itself only while the database is away', () => {
    const environment = {
      DATABASE_URL: 'postgres://app:aep3Oo5ieph7@db.example.com:6543/app',
      DATABASE_POOLER: 'none',
    };
    expect(troubles(observed({ environment }))).toEqual([]);
    const away = { ...observed({ environment }), database: { failure: 'nobody answers' } };
    expect(troubles(away)).toMatchObject([
      { check: 'database', level: 'fail', message: expect.stringContaining('nobody answers') },
      { check: 'pooler_port', level: 'warn', fix: ['DATABASE_POOLER=auto'] },
    ]);
  });
});
