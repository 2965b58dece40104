import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { startApi } from '../helpers/api.ts';
import { createTestDatabase } from '../helpers/database.ts';

const api = startApi();
const folder = mkdtempSync(join(tmpdir(), 'audit-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `back audit …` on the test's database. */
function back(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return backOn(api.url, ...args);
}

function backOn(url: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = join(import.meta.dirname, '../../src/cli/main.ts');
  const env = { PATH: process.env.PATH, DATABASE_URL: url };
  return new Promise((resolve) => {
    // From an empty folder, so that no .env of the developer's is read.
    execFile(process.execPath, [main, 'audit', ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe('back audit', () => {
  it('verifies, alone and against anchors kept in a log, and says which row was touched', async () => {
    const user = await api.user();
    await api.request({ method: 'POST', url: '/auth/logout', token: user.access_token });
    const anchor = await back('anchor');
    expect(JSON.parse(anchor.stdout)).toMatchObject({ event: 'audit.anchor', chains: expect.any(Array) });
    const log = join(folder, 'log');
    writeFileSync(log, `{"event":"request"}\nno json "audit.anchor"\n${anchor.stdout}`);
    expect(await back('verify')).toMatchObject({ code: 0, stdout: '3 audit events are as they were written\n' });
    const compared = await back('verify', '--anchors', log);
    expect(compared).toMatchObject({ code: 0, stdout: expect.stringMatching(/^3 .* compared with \d+ anchors\n$/) });

    await api.sql('alter table audit_events disable trigger all');
    const [row] = await api.sql<{ id: string; chain: number; seq: string }>(
      `update audit_events set ip = '203.0.113.77' where event = 'session.ended' returning id, chain, seq`,
    );
    await api.sql('alter table audit_events enable trigger all');
    const found = await back('verify');
    expect(found.code).toBe(1);
    expect(found.stdout).toBe(
      `chain ${row?.chain}, row ${row?.seq} (${row?.id}): is not the row that was written\nproblems: 1, in 3 audit events\n`,
    );
    const json = await back('verify', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ rows: 3, problems: [{ kind: 'altered', id: row?.id }] });
  });

  it('refuses a file without anchors in one sentence', async () => {
    const file = join(folder, 'nothing');
    writeFileSync(file, '{}\n');
    const refused = await back('verify', '--anchors', file);
    expect(refused).toMatchObject({ code: 1, stderr: `${file} has no line with the event audit.anchor\n` });
  });

  it('prunes by the configured retention, without a key, and says what it dropped', async () => {
    // A database that no running application keeps up: it would prune first.
    const database = await createTestDatabase();
    const client = new pg.Client(database.url);
    await client.connect();
    await client.query(
      `create table audit_events_2001_01 partition of audit_events for values from ('2001-01-01Z') to ('2001-02-01Z')`,
    );
    await client.query('select pg_advisory_lock(5811307442)');
    expect(await backOn(database.url, 'prune')).toEqual({
      code: 75,
      stdout: '',
      stderr: 'Another process is at it; run the command again later\n',
    });
    await client.end();
    expect((await backOn(database.url, 'prune')).stdout).toBe('dropped  audit_events_2001_01\n');
    expect((await backOn(database.url, 'prune')).stdout).toBe('Nothing to do\n');
    await database.drop();
  });
});
