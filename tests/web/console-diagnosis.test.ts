import { describe, expect, it } from 'vitest';
import { SECRET_KEY, startApi } from '../helpers/api.ts';

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
