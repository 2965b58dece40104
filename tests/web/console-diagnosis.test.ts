import { afterAll, describe, expect, it } from 'vitest';
import { SECRET_KEY, startApi, type TestApi } from '../helpers/api.ts';
import { startSilentServer } from '../helpers/silent-server.ts';
import { startSmtp } from '../helpers/smtp.ts';

let aheadMs = 0;
const clock = { now: () => new Date(Date.now() + aheadMs) };
const api = startApi({ CONSOLE_ENABLED: 'true', POOL_TIMEOUT_SECONDS: '40' }, { clock });
const read = (token?: string) => api.request({ url: '/console/diagnosis.json', ...(token !== undefined && { token }) });

interface Diagnosis {
  at: string;
  counts: { ok: number };
  groups: { heading: string; findings: { check: string; level: string; message: string }[] }[];
}

describe('the doctor’s findings', () => {
  it('are for administrators alone', async () => {
    const { access_token: token } = await api.user();
    expect([(await read()).statusCode, (await read(token)).statusCode]).toEqual([401, 403]);
  });

  it('are of the settings and the database in use, without a secret', async () => {
    const { access_token: token } = await api.admin();
    const answer = await read(token);
    const { groups, counts } = answer.json<Diagnosis>();
    const findings = groups.flatMap((group) => group.findings);
    const levelOf = (wanted: string) => findings.find(({ check }) => check === wanted)?.level;
    expect(groups.map(({ heading }) => heading)).toEqual(expect.arrayContaining(['Connection', 'Schema', 'Settings']));
    expect([levelOf('request_wait'), levelOf('migrations'), levelOf('connection'), levelOf('max_connections')]).toEqual(
      [...['warn', 'ok', 'ok', 'ok']],
    );
    expect(findings.filter(({ message }) => message.includes('Could not be looked at'))).toEqual([]);
    expect(counts.ok).toBeGreaterThan(10);
    expect(answer.body).not.toContain(SECRET_KEY);
  });

  it('are made once a minute, however many ask', async () => {
    const { access_token: token } = await api.admin();
    const times = async (): Promise<Set<string>> => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => read(token)));
      return new Set(answers.map((answer) => answer.json<Diagnosis>().at));
    };
    const first = await times();
    expect(first.size).toBe(1);
    expect(await times()).toEqual(first);
    aheadMs = 61_000;
    const second = await times();
    expect([second.size, new Set([...first, ...second]).size]).toEqual([1, 2]);
  });
});

describe('what the process depends on', () => {
  const silent = startSilentServer();
  afterAll(async () => (await silent).stop());
  const ahead = { ms: 0 };
  const own = { now: () => new Date(Date.now() + ahead.ms) };
  const find = async (api: TestApi, wanted: string) => {
    // The last diagnosis is too old.
    ahead.ms += 61_000;
    const { access_token: token } = await api.admin();
    const answer = await api.request({ url: '/console/diagnosis.json', token });
    const { groups } = answer.json<Diagnosis>();
    const found = groups.flatMap(({ findings }) => findings).find(({ check }) => check === wanted);
    return [found?.level, found?.message];
  };

  describe('a mail server and a Redis that do not answer', async () => {
    const { host } = await silent;
    const api = startApi(
      { CONSOLE_ENABLED: 'true', SMTP_URL: `smtp://${host}`, REDIS_URL: 'redis://127.0.0.1:1' },
      { clock: own },
    );

    it('are named, and what is known beside them is said all the same', async () => {
      expect(await find(api, 'smtp')).toEqual([
        'fail',
        expect.stringMatching(/^The mail server of SMTP_URL cannot be used, so mails wait: /),
      ]);
      expect(await find(api, 'redis')).toEqual([
        'fail',
        expect.stringMatching(/^The Redis of REDIS_URL cannot be used: /),
      ]);
      expect(await find(api, 'connection')).toEqual(['ok', expect.any(String)]);
    });
  });

  describe('a mail server that answers', async () => {
    const sink = await startSmtp();
    afterAll(() => sink.close());
    const api = startApi({ CONSOLE_ENABLED: 'true', SMTP_URL: sink.url }, { clock: own });

    it('is in order, and gets no mail by it', async () => {
      expect(await find(api, 'smtp')).toEqual(['ok', expect.stringContaining('answers on this machine')]);
      expect(sink.mails).toEqual([]);
    });
  });

  describe('a table that differs from its model', () => {
    const api = startApi({ CONSOLE_ENABLED: 'true' }, { clock: own });

    it('is named until it is mended, whatever was compared before', async () => {
      await api.sql('alter table users add column shoe_size integer');
      await expect
        .poll(() => find(api, 'drift'), { timeout: 60_000 })
        .toEqual(['warn', expect.stringContaining('shoe_size')]);
      await api.sql('alter table users drop column shoe_size');
      await expect
        .poll(() => find(api, 'drift'), { timeout: 60_000 })
        .toEqual(['ok', 'Models, migrations and database agree']);
    }, 120_000);
  });
});
