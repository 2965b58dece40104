import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PASSWORD } from '../helpers/api.ts';
import { expectContractOnly, expectRecovery } from '../helpers/fault-invariants.ts';
import { send, startTraffic } from '../helpers/fault-traffic.ts';
import { type NameServer, startNameServer } from '../helpers/name-server.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';

const ADDRESS = '127.0.0.253';

const names = await startNameServer(ADDRESS);
const hasMounts = spawnSync('unshare', ['--mount', 'true']).status === 0;
if (names === undefined || !hasMounts) {
  await names?.close();
  describe('a name server', () => it.skip('falls silent (skipped: it takes root and a mount namespace)'));
} else {
  describe('a name server that falls silent', () => whileSilent(names));
}

function whileSilent(names: NameServer): void {
  let postgres: OwnPostgres;

  beforeAll(async () => {
    postgres = await startOwnPostgres();
  });
  afterAll(async () => {
    await names.close();
    await postgres?.remove();
  });

  it('costs requests their deadline and nothing else: hashing goes on, and the database is found when it speaks', async () => {
    const file = join(postgres.folder, 'resolv.conf');
    writeFileSync(file, `nameserver ${ADDRESS}\noptions timeout:2 attempts:2\n`, { mode: 0o644 });
    const url = new URL(`${postgres.url}?sslmode=disable`);
    url.hostname = 'database.example.com';
    const mount = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
    const command = ['unshare', '--mount', 'sh', '-c', mount, file];
    const app = await serveApp(url.href, SHORT_DEADLINES, { command });
    onTestFinished(async () => void (await app.stop()));

    const logins = Array.from({ length: 30 }, () =>
      send('guess', `${app.url}/auth/login`, { body: { email: 'a@example.com', password: 'a wrong guess' } }),
    );
    await sleep(300);
    const hashed = await app.metric('password_hash_duration_seconds_count');
    const register = (name: string) =>
      send('register', `${app.url}/auth/register`, { body: { email: `${name}@example.com`, password: PASSWORD } });
    const others = await Promise.all([
      send('live', `${app.url}/health/live`),
      send('ready', `${app.url}/health/ready`),
      ...Array.from({ length: 8 }, (_, n) => register(`slow-${n}`)),
    ]);
    const answers = [...others, ...(await Promise.all(logins))];
    expectContractOnly(answers);
    expect(answers.map(({ status }) => status).slice(0, 10)).toEqual([200, ...Array(9).fill(503)]);
    const hashes = (await app.metric('password_hash_duration_seconds_count')) - hashed;
    expect(hashes, 'hashing goes on').toBe(8);
    expect(names.asked).toBeGreaterThan(0);
    expect(await app.metric('db_pool_waiting')).toBe(0);

    names.answer();
    await eventually('it is ready', async () => (await fetch(`${app.url}/health/ready`)).ok, 10_000);
    expect((await register('found')).status).toBe(201);
    expect(await postgres.sql(`select email from users`)).toEqual([{ email: 'found@example.com' }]);
    const traffic = await startTraffic(app.url);
    await expectRecovery({ app, postgres, traffic, is_felt: false });
  });
}
