import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { OWN_LIMIT_SETTINGS } from '../../src/app/config/limits.ts';
import { ConfigError } from '../../src/app/config/settings.ts';
import {
  LOCAL_DATABASE_URL,
  loadConfig,
  loadDatabaseConfig,
  loadKeysConfig,
  readEnvironment,
  SETTINGS,
} from '../../src/app/config.ts';
import { product, productSettings } from '../../src/app/product.ts';
import { Secret } from '../../src/app/utils/secret.ts';
import { SECRET_KEY } from '../helpers/api.ts';
import { productTests } from '../product.ts';

/** What the contract says of each variable: its default as a value, and one text that it must refuse. */
const CONTRACT: Record<string, [value: unknown, bad: string]> = {
  DATABASE_URL: [LOCAL_DATABASE_URL, 'mysql://root@localhost/x'],
  PREVIOUS_SECRET_KEYS: [[], 'short'],
  KEYS_DIRECTORY: ['', '/nonexistent/keys'],
  ALGORITHM: ['HS256', 'HS999'],
  ALLOW_RS256: [false, 'maybe'],
  MINUTES_TOKEN_EXPIRE: [60, '0'],
  DAYS_REFRESH_TOKEN_EXPIRE: [7, '1.5'],
  DAYS_SESSION_MAX: [30, '-1'],
  REFRESH_REUSE_SECONDS: [10, '301'],
  JWT_ISSUER: ['back-api', 'two words'],
  JWT_AUDIENCE: ['back-api', 'ü'],
  BCRYPT_COST: [12, '9'],
  PASSWORD_MIN_LENGTH: [8, '7'],
  PASSWORD_BREACH_FILE: ['', '/nonexistent/hashes'],
  PASSWORD_BREACH_URL: ['', 'http://breaches.example/range/'],
  RATE_LIMITS: [true, '2'],
  LIMIT_LOGIN_FAILURES_PER_ACCOUNT: ['10/15m', '10'],
  LIMIT_LOGIN_FAILURES_IN_A_ROW: [100, '9'],
  LIMIT_LOGIN_FAILURES_PER_IP: ['30/5m', '0/5m'],
  LIMIT_REFRESHES_PER_IP: ['150/5m', '150/2d'],
  LIMIT_REGISTRATIONS_PER_IP: ['300/5m', 'many'],
  LIMIT_WRITES_PER_ACCOUNT: ['1000/5m', 'many'],
  REDIS_URL: [undefined, 'http://localhost:6379'],
  REDIS_PREFIX: ['', 'two words'],
  LIMIT_MAILS_PER_MAILBOX: ['5/1h', '5'],
  LIMIT_MAILS_PER_IP: ['30/5m', '0/5m'],
  AUDIT_RETENTION_DAYS: [365, '36501'],
  SMTP_URL: [undefined, 'http://mail.example.com'],
  MAIL_FROM: [undefined, 'a@example.com, b@example.com'],
  PUBLIC_URL: ['', 'api.example.com'],
  APP_URL: ['', 'https://example.com/#/app'],
  DEFAULT_LOCALE: ['en', 'tlh'],
  SECURITY_MAILS: [true, 'sometimes'],
  EMAIL_VERIFICATION: ['optional', 'true'],
  EMAIL_LOGIN: [false, 'always'],
  MINUTES_RESET_LINK: [60, '0'],
  HOURS_VERIFY_LINK: [24, '0'],
  MINUTES_CODE: [10, '61'],
  DAYS_INVITATION: [7, '0'],
  ENVIRONMENT: ['development', 'Production'],
  HOST: ['127.0.0.1', 'two hosts'],
  PORT: [8000, '65536'],
  WORKERS: [1, '0'],
  JOBS: [true, 'maybe'],
  STOP_DELAY_SECONDS: [0, '301'],
  LOG_LEVEL: ['info', 'verbose'],
  LOG_FORMAT: ['auto', 'pretty'],
  DOCS_ENABLED: [true, 'da'],
  METRICS_ENABLED: [true, '-'],
  PAGES_ENABLED: [true, '-'],
  CONSOLE_ENABLED: [undefined, 'perhaps'],
  CONSOLE_NETWORKS: [[], '10.0.0.0/33'],
  MFA_REQUIRED_FOR: ['none', 'some'],
  REGISTRATION: ['open', 'true'],
  OAUTH_REDIRECTS: [[], 'http://app.example.com/signed-in'],
  OAUTH_GOOGLE_CLIENT_ID: ['', 'two words'],
  OAUTH_GOOGLE_CLIENT_SECRET: [undefined, 'ü'],
  OAUTH_GOOGLE_ISSUER: ['https://accounts.google.com', 'http://id.example.com'],
  OAUTH_GOOGLE_NATIVE_CLIENT_IDS: [[], 'two words'],
  OAUTH_MICROSOFT_CLIENT_ID: ['', 'two words'],
  OAUTH_MICROSOFT_CLIENT_SECRET: [undefined, 'ü'],
  OAUTH_MICROSOFT_ISSUER: ['https://login.microsoftonline.com/common/v2.0', 'http://id.example.com'],
  OAUTH_MICROSOFT_NATIVE_CLIENT_IDS: [[], 'two words'],
  OAUTH_APPLE_CLIENT_ID: ['', 'two words'],
  OAUTH_APPLE_CLIENT_SECRET: [undefined, 'ü'],
  OAUTH_APPLE_ISSUER: ['https://appleid.apple.com', 'http://id.example.com'],
  OAUTH_APPLE_NATIVE_CLIENT_IDS: [[], 'two words'],
  OAUTH_GITHUB_CLIENT_ID: ['', 'two words'],
  OAUTH_GITHUB_CLIENT_SECRET: [undefined, 'ü'],
  OAUTH_GITHUB_URL: ['https://github.com', 'https://user:pw@github.com'],
  WEBAUTHN_RP_ID: ['', '127.0.0.1'],
  WEBAUTHN_RP_NAME: ['', 'x'.repeat(65)],
  WEBAUTHN_ORIGINS: [[], 'http://app.example.com'],
  STORAGE_DIRECTORY: ['', '\0'],
  STORAGE_BUCKET: ['', 'two.words'],
  STORAGE_ENDPOINT: ['', 'http://s3.example.com'],
  STORAGE_REGION: ['us-east-1', 'two words'],
  STORAGE_ACCESS_KEY_ID: ['', 'two words'],
  STORAGE_SECRET_ACCESS_KEY: [undefined, 'ü'],
  ROOT_PATH: ['', 'api'],
  CORS_ORIGINS: [[], 'https://app.example.com/'],
  CORS_HEADERS: [[], 'two words'],
  TRUSTED_PROXIES: [[], '10.0.0.0/33'],
  DATABASE_POOLER: ['auto', 'session'],
  DATABASE_SCHEMA: ['public', 'Public"; drop'],
  POOL_SIZE: [5, '0'],
  POOL_MAX_OVERFLOW: [10, '-1'],
  POOL_RECYCLE_SECONDS: [300, '0'],
  POOL_TIMEOUT_SECONDS: [5, '1e2'],
  POOL_PRE_PING: [true, 'always'],
  KEEPALIVE_IDLE_SECONDS: [30, 'x'],
  KEEPALIVE_INTERVAL_SECONDS: [10, '0'],
  KEEPALIVE_COUNT: [5, '101'],
  STATEMENT_TIMEOUT_SECONDS: [5, '3601'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['', 'localhost:4318'],
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['', 'grpc://localhost:4317'],
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: ['', 'nowhere'],
  OTEL_EXPORTER_OTLP_PROTOCOL: ['http/protobuf', 'grpc'],
  OTEL_EXPORTER_OTLP_HEADERS: [{}, 'api-key'],
  OTEL_TRACES_EXPORTER: ['auto', 'zipkin'],
  OTEL_LOGS_EXPORTER: ['none', 'console'],
  OTEL_TRACES_SAMPLER: ['parentbased_always_on', 'sometimes'],
  OTEL_TRACES_SAMPLER_ARG: [1, '1.5'],
  OTEL_PROPAGATORS: ['tracecontext', 'b3'],
  OTEL_SERVICE_NAME: [product.slug, 'two words'],
  OTEL_RESOURCE_ATTRIBUTES: ['', 'region'],
  OTEL_BSP_SCHEDULE_DELAY: [5000, '0'],
  OTEL_BLRP_SCHEDULE_DELAY: [1000, 'soon'],
  OTEL_SDK_DISABLED: [false, 'perhaps'],
};

const names = Object.keys(CONTRACT);
const isOfProduct = (name: string): boolean => name in productSettings || name in OWN_LIMIT_SETTINGS;
const pem = (key: ReturnType<typeof generateKeyPairSync>): string =>
  key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** What is wrong with an environment, one line for each variable; none where it can be used. */
function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig({ ...productTests.settings, ...environment });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) expect(error.message).toContain(problem);
    return error.problems;
  }
}

function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  return typeof value === 'object' && value !== null && 'window_seconds' in value ? String(value) : value;
}

describe('the environment', () => {
  it('is the variables of the contract and no other', () => {
    const kit = Object.keys(SETTINGS).filter((name) => !isOfProduct(name));
    expect(kit.sort()).toEqual(['SECRET_KEY', ...names].sort());
    expect(SETTINGS.SECRET_KEY.default).toBeNull();
  });

  it('may be empty but for the key: every variable then has its documented default', () => {
    const config = loadConfig({ SECRET_KEY, ...productTests.settings });
    const values = Object.entries(config)
      .map(([name, value]) => [name.toUpperCase(), revealed(value)] as const)
      // The issuers of OIDC_<NAME>_… have no names of their own.
      .filter(([name]) => !isOfProduct(name) && name !== 'OIDC_PROVIDERS');
    expect(config.oidc_providers).toEqual([]);
    const defaults = names.map((name) => [name, CONTRACT[name]?.[0]]);
    expect(Object.fromEntries(values)).toEqual({ SECRET_KEY, ...Object.fromEntries(defaults) });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.cors_origins)).toBe(true);
  });

  it.each(names)('%s that cannot be used is reported by its name, alone', (name) => {
    const problems = problemsOf({ SECRET_KEY, [name]: CONTRACT[name]?.[1] ?? '' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} (is|has|must|names)`));
  });

  it('is reported as a whole: every bad variable at once, and a missing key', () => {
    const bad = Object.fromEntries(names.map((name) => [name, CONTRACT[name]?.[1] ?? '']));
    const reported = problemsOf(bad).map((problem) => problem.split(' ', 1)[0]);
    expect([...new Set(reported)].sort()).toEqual(['SECRET_KEY', ...names].sort());
  });

  it('reports a weak key beside an algorithm that there is not', () => {
    const reported = problemsOf({ SECRET_KEY: 'short', ALGORITHM: 'none', PORT: 'eighty', BCRYPT_COST: '99' });
    expect(reported.map((problem) => problem.split(' ', 1)[0]).sort()).toEqual(
      ['ALGORITHM', 'BCRYPT_COST', 'PORT', 'SECRET_KEY'].sort(),
    );
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(problemsOf({ SECRET_KEY: key, ALGORITHM: 'none' })).toHaveLength(1);
  });

  it.each(names)('%s counts as unset where it is empty or blank', (name) => {
    expect(problemsOf({ SECRET_KEY, [name]: '' })).toEqual([]);
    expect(problemsOf({ SECRET_KEY, [name]: ' \t ' })).toEqual([]);
  });

  it('has no contradictions', () => {
    expect(problemsOf({ SECRET_KEY, ENVIRONMENT: 'production' })[0]).toContain('DATABASE_URL is required');
    const production = { SECRET_KEY, ENVIRONMENT: 'production', DATABASE_URL: 'postgresql://app@db.example/app' };
    expect(problemsOf(production)).toEqual([]);
    expect(problemsOf({ ...production, CORS_ORIGINS: '*' })[0]).toContain('CORS_ORIGINS must name');
    expect(problemsOf({ SECRET_KEY, CORS_ORIGINS: '*' })).toEqual([]);
    const mail = { ...production, SMTP_URL: 'smtp://mail.example.com' };
    expect(problemsOf(mail)[0]).toContain('PUBLIC_URL is required');
    expect(problemsOf({ ...mail, PUBLIC_URL: 'https://api.example.com' })).toEqual([]);
    expect(problemsOf({ SECRET_KEY, SMTP_URL: 'smtp://mail.example.com' })).toEqual([]);
    expect(problemsOf({ SECRET_KEY, DAYS_SESSION_MAX: '6' })[0]).toContain('DAYS_REFRESH_TOKEN_EXPIRE must not');
  });

  it.each([
    'https://app.example.com:443',
    'https://a.example/path',
    'app.example.com',
    'null',
    'https://*.example.com',
    'file://',
    'ws://a.example',
    'capacitor://localhost/',
    'capacitor://',
    'Capacitor://localhost',
    'com.example.app:/callback',
  ])('refuses the origin %s, which no browser sends', (origin) => {
    expect(problemsOf({ SECRET_KEY, CORS_ORIGINS: `https://ok.example, ${origin}` })).toHaveLength(1);
  });

  it.each([
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'app://obsidian.md',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc',
    'http://localhost:8081',
  ])('takes the origin %s of an app', (origin) => {
    expect(loadConfig({ SECRET_KEY, ...productTests.settings, CORS_ORIGINS: origin }).cors_origins).toEqual([origin]);
  });

  it.each(['10.0.0.0/8/8', '10.0.0/8', '10.0.0.0/', '::1/129', 'loopback', '10.0.0.0/-1', '*'])(
    'trusts no proxy that is written %s',
    (range) => {
      expect(problemsOf({ SECRET_KEY, TRUSTED_PROXIES: `::1, ${range}` })).toHaveLength(1);
    },
  );
});

describe('a signing key', () => {
  it.each<[what: string, key: string, algorithm: string]>([
    ['none', '', 'HS256'],
    ['31 bytes', 'k7#Qp2!vX9@mZ4$wL8%nB6^tR3&yJ1*', 'HS256'],
    ['47 bytes for HS384', `${SECRET_KEY}`.slice(0, 47), 'HS384'],
    ['63 bytes for HS512', `${SECRET_KEY}${SECRET_KEY}`.slice(0, 63), 'HS512'],
    ['the same letter 64 times', 'a'.repeat(64), 'HS256'],
    ['two letters in turn', 'ab'.repeat(32), 'HS256'],
    ['changeme', 'changeme', 'HS256'],
    ['a long placeholder', 'please-change-this-secret-key-0123456789', 'HS256'],
    ['another placeholder', 'your-secret-key-goes-here-0123456789-abcdef', 'HS256'],
    ['what a manual shows', '<a random text of at least 32 bytes>', 'HS256'],
    ['blanks', ' '.repeat(64), 'HS256'],
    ['text for ES256', SECRET_KEY, 'ES256'],
    ['text for RS256', SECRET_KEY, 'RS256'],
    ['P-384 for ES256', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' })), 'ES256'],
    ['P-256 for ES384', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' })), 'ES384'],
    ['secp256k1 for ES256', pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })), 'ES256'],
    ['Ed448 for EdDSA', pem(generateKeyPairSync('ed448')), 'EdDSA'],
    ['X25519 for EdDSA', pem(generateKeyPairSync('x25519')), 'EdDSA'],
    ['RSA of 1024 bits', pem(generateKeyPairSync('rsa', { modulusLength: 1024 })), 'PS256'],
    ['RSA of 2047 bits', pem(generateKeyPairSync('rsa', { modulusLength: 2047 })), 'PS256'],
    ['RSA of 2048 bits', pem(generateKeyPairSync('rsa', { modulusLength: 2048 })), 'PS256'],
    ['a PEM key for HS256', pem(generateKeyPairSync('ed25519')), 'HS256'],
    ['half a PEM key', pem(generateKeyPairSync('ed25519')).slice(0, 60), 'EdDSA'],
  ])('of %s is refused for %s, and not repeated', (_what, key, algorithm) => {
    const problems = problemsOf({ SECRET_KEY: key, ALGORITHM: algorithm, ALLOW_RS256: 'true' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^SECRET_KEY /);
    if (key.trim().length > 0) expect(problems[0]).not.toContain(key.trim().slice(0, 20));
    if (algorithm !== 'HS256' || key.trim() === '') return;
    const previous = problemsOf({ SECRET_KEY, PREVIOUS_SECRET_KEYS: key });
    expect(previous[0]).toMatch(/^PREVIOUS_SECRET_KEYS has a key that /);
    expect(previous.join()).not.toContain(key.trim().slice(0, 20));
  });

  it('of a public key is refused as well', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const key = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(problemsOf({ SECRET_KEY: key, ALGORITHM: 'EdDSA' })[0]).toMatch(/^SECRET_KEY must be a private key/);
  });

  it('may stand in one line', () => {
    const key = pem(generateKeyPairSync('ed25519')).replaceAll('\n', '\\n');
    expect(problemsOf({ SECRET_KEY: key, ALGORITHM: 'EdDSA' })).toEqual([]);
  });
});

describe('an algorithm', () => {
  it.each(['none', 'None', 'HS999', 'hs256', 'HS256 HS384', 'HS256,none', 'RS384', 'ES256K', 'A128KW'])(
    '%s is not one',
    (algorithm) => {
      expect(problemsOf({ SECRET_KEY, ALGORITHM: algorithm })).toEqual([expect.stringMatching(/^ALGORITHM must be/)]);
    },
  );

  it('RS256 is one only where it is allowed', () => {
    const key = pem(generateKeyPairSync('rsa', { modulusLength: 3072 }));
    expect(problemsOf({ SECRET_KEY: key, ALGORITHM: 'RS256' })[0]).toContain('ALLOW_RS256');
    expect(problemsOf({ SECRET_KEY: key, ALGORITHM: 'RS256', ALLOW_RS256: 'true' })).toEqual([]);
  });
});

describe('a secret', () => {
  const environment = {
    SECRET_KEY,
    PREVIOUS_SECRET_KEYS: 'the key before that one: 0d9f8e7c6b5a',
    DATABASE_URL: 'postgresql://app:swordfish@db.example/app',
    REDIS_URL: 'rediss://app:tuna-fish@cache.example',
    SMTP_URL: 'smtp://app:anchovy-7@mail.example',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=sea-bass',
    STORAGE_SECRET_ACCESS_KEY: 'sea-bream',
    OAUTH_GOOGLE_CLIENT_SECRET: 'red-mullet',
    OAUTH_MICROSOFT_CLIENT_SECRET: 'red-mullet',
    OAUTH_APPLE_CLIENT_SECRET: 'red-mullet',
    OAUTH_GITHUB_CLIENT_SECRET: 'red-mullet',
  };
  const secrets = /test key|key before|swordfish|tuna-fish|anchovy-7|sea-bass|sea-bream|red-mullet/;

  it('is in no print of the configuration', () => {
    const config = loadConfig({ ...productTests.settings, ...environment });
    for (const text of [JSON.stringify(config), inspect(config, { depth: 9 }), String(Object.values(config))])
      expect(text).not.toMatch(secrets);
    expect(config.secret_key.reveal()).toBe(SECRET_KEY);
  });

  it('is in no report of what is wrong', () => {
    const broken = Object.entries(environment).map(([name, value]) => [name, `x${value}`.replace('://', ':/')]);
    const problems = problemsOf({ ...Object.fromEntries(broken), SECRET_KEY: 'a test key', PORT: 'x' });
    expect(problems.map((problem) => problem.split(' ', 1)[0]).sort()).toEqual([
      'DATABASE_URL',
      'PORT',
      'REDIS_URL',
      'SECRET_KEY',
      'SMTP_URL',
    ]);
    expect(problems.join()).not.toMatch(secrets);
  });

  it('is declared as one wherever its value is', () => {
    const config = loadConfig({ ...productTests.settings, ...environment });
    const declared = Object.entries(SETTINGS).filter(([name, setting]) => 'secret' in setting && !isOfProduct(name));
    const hidden = Object.entries(config).filter(
      ([name, value]) => value instanceof Secret && !isOfProduct(name.toUpperCase()),
    );
    expect(declared.map(([name]) => name.toLowerCase()).sort()).toEqual(hidden.map(([name]) => name).sort());
    expect(hidden).toHaveLength(Object.keys(environment).length);
  });
});

describe('an issuer of OIDC_<NAME>_…', () => {
  const issuer = {
    OIDC_MY_CORP_ISSUER: 'https://id.example.com/realms/one',
    OIDC_MY_CORP_CLIENT_ID: 'client',
    OIDC_MY_CORP_CLIENT_SECRET: 'red-mullet',
    OIDC_MY_CORP_LABEL: 'My Corp',
    OIDC_MY_CORP_DOMAINS: 'Example.com, bücher.example',
  };

  it('has its name in lower case, its label, and its domains in their one form; the secret is one', () => {
    const { oidc_providers } = loadConfig({ SECRET_KEY, ...productTests.settings, ...issuer });
    expect(oidc_providers).toMatchObject([
      {
        id: 'my_corp',
        label: 'My Corp',
        issuer: 'https://id.example.com/realms/one',
        client_id: 'client',
        domains: ['example.com', 'xn--bcher-kva.example'],
      },
    ]);
    expect(inspect(oidc_providers, { depth: 9 }) + JSON.stringify(oidc_providers)).not.toContain('red-mullet');
    expect(oidc_providers[0]?.client_secret?.reveal()).toBe('red-mullet');
  });

  it.each([
    ['OIDC_MY_CORP_ISSUER', 'http://id.example.com'],
    ['OIDC_MY_CORP_ISSUER', ''],
    ['OIDC_my_corp_ISSUER', 'https://id.example.com'],
    ['OIDC__ISSUER', 'https://id.example.com'],
    ['OIDC_MY_CORP_ISSUER', 'https://id.example.com/?x=1'],
    ['OIDC_MY_CORP_CLIENT_ID', ''],
    ['OIDC_MY_CORP_CLIENT_SECRET', 'ü'],
    ['OIDC_MY_CORP_LABEL', 'x'.repeat(61)],
    ['OIDC_MY_CORP_DOMAINS', 'example.com, *.example.com'],
    ['OIDC_GOOGLE_ISSUER', 'https://id.example.com'],
  ])('%s of "%s" is reported by its name', (name, text) => {
    const problems = problemsOf({ SECRET_KEY, ...issuer, [name]: text });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toMatch(new RegExp(`^${name} (is|has|must)`));
    expect(problems.join()).not.toContain('red-mullet');
  });

  it('a known provider needs its secret', () => {
    expect(problemsOf({ SECRET_KEY, OAUTH_GOOGLE_CLIENT_ID: 'client' })).toEqual([
      'OAUTH_GOOGLE_CLIENT_SECRET is required with OAUTH_GOOGLE_CLIENT_ID',
    ]);
  });
});

describe('a part of the configuration', () => {
  it('needs no key to reach the database, and no database to make keys', () => {
    expect(loadDatabaseConfig({ DATABASE_SCHEMA: 'app' })).toMatchObject({ database_schema: 'app' });
    for (const name of ['pg_catalog', 'pg_app', 'information_schema'])
      expect(() => loadDatabaseConfig({ DATABASE_SCHEMA: name })).toThrow('DATABASE_SCHEMA must not be a name that');
    expect(loadKeysConfig({ MINUTES_TOKEN_EXPIRE: '5', DATABASE_URL: 'none' })).toMatchObject({
      minutes_token_expire: 5,
    });
    expect(() => loadDatabaseConfig({ DATABASE_URL: 'none' })).toThrow('DATABASE_URL must be a PostgreSQL URL');
    expect(() => loadKeysConfig({ ALGORITHM: 'none' })).toThrow('ALGORITHM must be one of');
  });
});

describe('.env', () => {
  it('stands behind the variables of the process', () => {
    const directory = join(mkdtempSync(join(tmpdir(), 'back-env-')), 'project');
    mkdirSync(directory);
    expect(readEnvironment(directory)).toEqual(process.env);
    const [known = ''] = Object.keys(process.env);
    writeFileSync(join(directory, '.env'), `BACK_TEST_ONLY="from the file" # said why\n${known}=from the file\n`);
    const environment = readEnvironment(directory);
    expect([environment.BACK_TEST_ONLY, environment[known]]).toEqual(['from the file', process.env[known]]);
  });
});
