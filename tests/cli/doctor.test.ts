import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Diagnosis } from '../../src/doctor/diagnose.ts';
import { back } from '../helpers/back.ts';
import { createCliProject } from '../helpers/cli-project.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { startSilentServer } from '../helpers/silent-server.ts';

const SECRET_KEY = randomBytes(48).toString('base64');
const PREVIOUS = randomBytes(48).toString('base64');
const PASSWORD = 'Eix4/ohs@ee7Xoo';
const REDIS_PASSWORD = 'ieJ5aiph3Ohng';
/** A busy machine gets more time than the five seconds that a quiet one needs. */
const PATIENT = ['--within', '25'];
const AWAY = `postgres://app:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/app`;

describe('back doctor', () => {
  let database: { url: string; drop: () => Promise<void> };

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('prints one line a check under its heading, the count at the end, and exits with 0 where nothing fails', async () => {
    // Other tests hold connections of the same server.
    const few = { POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0' };
    const env = { ...few, DATABASE_URL: database.url, SECRET_KEY, WORKERS: '33' };
    const { code, stdout, stderr } = await back(['doctor', ...PATIENT], { env });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^\S.*$/gm)).toEqual([
      'Connection',
      'Encryption',
      'Latency and clock',
      'Server and session',
      'Connections',
      'Schema',
      'Jobs',
      'Accounts',
      'Role',
      'Keys',
      'Settings',
      'Budget',
      expect.stringMatching(/^\d+ ok, \d+ warnings?, 0 failures$/),
    ]);
    for (const line of stdout.split('\n')) expect(line).toMatch(/^(| {2}(ok|warn|fail) {2,4}\S.*| {8}\S.*|\S.*)$/);
    expect(stdout).toMatch(/^ {2}ok {4}The database is at head$/m);
    expect(stdout).toMatch(/^ {2}warn {2}WORKERS is 33 and there .*\n {8}WORKERS=\d+$/m);
  });

  it('exits with 1 where something fails: too many instances for the server', async () => {
    const args = ['doctor', '--json', '--instances', '100', ...PATIENT];
    const { code, stdout } = await back(args, { env: { DATABASE_URL: database.url, SECRET_KEY } });
    expect(code).toBe(1);
    const { counts, groups }: Diagnosis = JSON.parse(stdout);
    const findings = groups.flatMap(({ findings }) => findings);
    expect(findings.filter(({ level }) => level === 'fail')).toEqual([
      {
        check: 'max_connections',
        level: 'fail',
        message: expect.stringMatching(/^1500 connections at most \(100 instances × 1 worker × \(5 \+ 10\)\)/),
        fix: [expect.any(String), expect.any(String)],
      },
    ]);
    for (const level of ['ok', 'warn', 'fail'] as const)
      expect(counts[level]).toBe(findings.filter((finding) => finding.level === level).length);
  });

  it('says in one line that the database is away, and looks at what needs none', async () => {
    const { code, stdout, stderr } = await back(['doctor'], { env: { DATABASE_URL: AWAY, SECRET_KEY } });
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout.replace(/(One process may use: ).*/, '$1…')).toBe(`Connection
  fail  The database cannot be reached, and what needs it was not looked at: Nothing answers at 127.0.0.1:1: start PostgreSQL there (npm run dev does), or set DATABASE_URL
        see DATABASE_URL: host, port, user, password, database; on Supabase whether the project is paused

Keys
  ok    The keys are long, look random, and are not used twice

Settings
  ok    The settings fit together

Budget
  ok    One process may use: …

3 ok, 0 warnings, 1 failure
`);
  });

  it('judges as production with --production where ENVIRONMENT is unset, and says what would keep it from starting', async () => {
    const env = { DATABASE_URL: '', SECRET_KEY: '', ENVIRONMENT: '' };
    const { code, stdout } = await back(['doctor', '--production', '--json'], { env });
    expect(code).toBe(1);
    const findings = (JSON.parse(stdout) as Diagnosis).groups.flatMap(({ findings }) => findings);
    expect(findings.map(({ check, level }) => `${level} ${check}`)).toEqual(
      expect.arrayContaining(['fail keys', 'fail settings', 'warn docs_open', 'warn metrics_open']),
    );
    const development = await back(['doctor', '--json'], { env });
    expect(development.stdout).not.toContain('docs_open');
  });

  it('does without development dependencies, but for the comparison with the models', async () => {
    const cli = createCliProject({ url: database.url, without: ['drizzle-kit'] });
    onTestFinished(cli.end);
    const { code, stdout } = await cli.back('doctor', ...PATIENT);
    // That project has no SECRET_KEY.
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}ok {4}The database is at head$/m);
    expect(stdout).toMatch(/^ {2}ok {4}Models and database were not compared .*: Comparing needs drizzle-kit/m);
  });

  it('prints no secret, wherever the database is and whatever the driver repeats', async () => {
    const refused = new URL(database.url);
    refused.username = 'nobody_here';
    refused.password = PASSWORD;
    const keys = { SECRET_KEY, PREVIOUS_SECRET_KEYS: `${PREVIOUS},${SECRET_KEY}` };
    const env = { ...keys, ENVIRONMENT: 'production', REDIS_URL: `redis://:${REDIS_PASSWORD}@127.0.0.1:1` };
    const repeating = `${AWAY}?sslmode=${PASSWORD}`;
    for (const DATABASE_URL of [database.url, refused.href, AWAY.replace('app:', ':'), repeating]) {
      const { stdout, stderr } = await back(['doctor', ...PATIENT], { env: { ...env, DATABASE_URL } });
      expect(stdout).toContain('PREVIOUS_SECRET_KEYS has SECRET_KEY itself');
      expect(stdout).toContain('Redis of REDIS_URL cannot be used');
      for (const secret of [SECRET_KEY, PREVIOUS, PASSWORD, encodeURIComponent(PASSWORD), REDIS_PASSWORD])
        expect(stdout + stderr).not.toContain(secret);
    }
    const { stdout } = await back(['doctor', '--json'], { env: { ...env, DATABASE_URL: repeating } });
    expect(stdout).toContain('sslmode=[secret]');
    expect(stdout).not.toContain(PASSWORD);
  });

  it('needs no more time than it is given, whatever hangs', async () => {
    const { host, stop } = await startSilentServer();
    onTestFinished(stop);
    const env = { DATABASE_URL: `postgres://app:x@${host}/app`, REDIS_URL: `redis://${host}`, SECRET_KEY };
    const started = performance.now();
    const { code, stdout } = await back(['doctor', '--within', '2'], { env });
    expect(code).toBe(1);
    expect(stdout.match(/no answer within \d\.\d s/g)).toHaveLength(2);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it.each([
    ['--instances', '0'],
    ['--instances', 'many'],
    ['--within', '1001'],
  ])('refuses %s %s', async (option, value) => {
    const { code, stdout, stderr } = await back(['doctor', option, value], { env: { SECRET_KEY } });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/must be a whole number from 1 to 1000/);
  });
});
