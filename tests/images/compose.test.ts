import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send, startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { compose, containersOf, docker, inspect } from './engine.ts';

const URL = 'http://127.0.0.1:8080';
const PROXY = '172.30.7.2';
const IS_READY_WITHIN_MS = 60_000;
const SERVERS = ['api', 'api', 'pgbouncer', 'proxy'];

beforeAll(async () => {
  await compose('up', '--detach');
});
afterAll(async () => {
  await compose('down', '--volumes');
});

describe('docker compose up', () => {
  it('migrates, makes the role, and only then serves, from two replicas that call themselves healthy', async () => {
    for (const service of ['migrate', 'roles']) expect(await states(service)).toEqual(['exited 0']);
    for (const service of ['postgres', 'pgbouncer', 'proxy']) expect(await states(service)).toEqual(['running 0']);
    expect(await states('api')).toEqual(['running 0', 'running 0']);
    await untilHealthy(2);
    const made = await finishedAt('roles');
    for (const replica of await containersOf('api')) {
      expect(Date.parse(await inspect(replica, '{{.State.StartedAt}}'))).toBeGreaterThan(made);
    }
  });

  it('publishes the proxy alone, on loopback', async () => {
    const published = await docker('ps', '--format', '{{.Label "com.docker.compose.service"}} {{.Ports}}');
    const lines = published.split('\n').filter((line) => line.includes('->'));
    expect(lines).toEqual(['proxy 127.0.0.1:8080->8080/tcp']);
  });

  it('serves accounts and items through the proxy, and keeps metrics inside', async () => {
    const account = { email: 'somebody@example.com', password: 'correct horse battery staple' };
    expect((await ask('/auth/register', { body: account })).status).toBe(201);
    const login = await ask('/auth/login', { body: account });
    const token = login.body.access_token;
    expect((await ask('/auth/me', { token })).body.email).toBe(account.email);
    const made = await ask('/items', { token, body: { title: 'in a container' } });
    expect(made.status).toBe(201);
    expect((await ask(`/items/${made.body.id}`, { token })).body.title).toBe('in a container');
    expect((await ask('/metrics')).status).toBe(404);
    expect((await ask('/%6detrics')).status).toBe(404);
  });

  it('sees the address of the client, not that of the proxy', async () => {
    const logs = await Promise.all((await containersOf('api')).map((replica) => docker('logs', replica)));
    const lines = logs.join('\n').split('\n');
    const registration = lines.find((line) => line.includes('"path":"/auth/register"'));
    expect(JSON.parse(registration ?? '{}').ip).toMatch(/^172\.30\.7\./);
    expect(JSON.parse(registration ?? '{}').ip).not.toBe(PROXY);
  });

  it('gives no server root, rights, or a file system to write', async () => {
    const names: string[] = [];
    for (const service of new Set(SERVERS)) {
      for (const container of await containersOf(service)) {
        names.push(service);
        const status = readFileSync(`/proc/${await inspect(container, '{{.State.Pid}}')}/status`, 'utf8');
        expect(status, service).not.toMatch(/^Uid:.*\b0\b/m);
        for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
          expect(status, service).toMatch(new RegExp(`^${set}:\\s0+$`, 'm'));
        expect(status, service).toMatch(/^NoNewPrivs:\s1$/m);
        expect(status, service).toMatch(/^Seccomp:\s2$/m);
        const write = 'for place in / /etc /usr /var/lib "$PWD"; do touch "$place/x" 2>&1 || true; done; touch /tmp/x';
        const said = await docker('exec', container, 'sh', '-euc', write);
        expect(said.match(/Read-only file system/g), service).toHaveLength(5);
      }
    }
    expect(names.sort()).toEqual(SERVERS);
    const [replica = ''] = await containersOf('api');
    expect(await inspect(replica, '{{.HostConfig.Memory}} {{.Config.User}}')).toBe(`${512 * 2 ** 20} 1000:1000`);
  });

  it('serves with few refusals while a replica is killed, and starts that one again', async () => {
    const [replica = ''] = await containersOf('api');
    const traffic = await startTraffic(URL);
    await sleep(1000);
    process.kill(Number(await inspect(replica, '{{.State.Pid}}')), 'SIGKILL');
    await eventually('it runs again', async () => (await inspect(replica, '{{.RestartCount}}')) === '1', 10_000);
    await untilHealthy(2);
    await traffic.stop();
    // What it was working on is lost, to each of the clients at most: cut off, or 502 where the proxy could say so.
    expect(failures(traffic).length).toBeLessThanOrEqual(12);
    expect(failures(traffic).filter((answer) => !/^\w+ (0|502) /.test(answer))).toEqual([]);
    await expectKept(traffic);
  });

  it('replaces one replica after the other as the guide says, and no request fails', async () => {
    const traffic = await startTraffic(URL);
    const before = await containersOf('api');
    for (const replica of before) {
      await docker('stop', replica);
      expect(await inspect(replica, '{{.State.ExitCode}}')).toBe('0');
      await docker('rm', replica);
      await compose('up', '--detach', '--no-deps', '--no-recreate', 'api');
      await untilHealthy(2);
    }
    await traffic.stop();
    expect((await containersOf('api')).filter((replica) => before.includes(replica))).toEqual([]);
    expect(failures(traffic)).toEqual([]);
    await expectKept(traffic);
  });

  it('says what the guide lets it be asked, and migrates again without a change', async () => {
    expect(await compose('run', '--rm', 'migrate', 'history')).toContain('(head)');
    expect(await compose('run', '--rm', 'migrate')).toContain('up to date');
  });

  it('stops from the outside in, each with code 0, and leaves nothing behind', async () => {
    await compose('stop');
    const order = ['proxy', 'api', 'pgbouncer', 'postgres'];
    for (const service of order) expect(new Set(await states(service)), service).toEqual(new Set(['exited 0']));
    const times = await Promise.all(order.map(finishedAt));
    expect(times).toEqual([...times].sort((one, other) => one - other));
    await compose('down');
    expect(await docker('ps', '--all', '--quiet')).toBe('');
    expect(await docker('volume', 'ls', '--quiet')).toBe('back-api_postgres');
    await compose('up', '--detach');
    const again = { email: 'somebody@example.com', password: 'correct horse battery staple' };
    await eventually('the account is there', async () => (await ask('/auth/login', { body: again })).status === 200);
  });
});

async function states(service: string): Promise<string[]> {
  const all = await containersOf(service);
  return Promise.all(all.map((container) => inspect(container, '{{.State.Status}} {{.State.ExitCode}}')));
}

/** When the last container of a service ended. */
async function finishedAt(service: string): Promise<number> {
  const all = await containersOf(service);
  const times = await Promise.all(all.map((container) => inspect(container, '{{.State.FinishedAt}}')));
  return Math.max(...times.map((time) => Date.parse(time)));
}

async function untilHealthy(count: number): Promise<void> {
  const healthy = async (): Promise<boolean> => {
    const all = await containersOf('api');
    const health = await Promise.all(all.map((container) => inspect(container, '{{.State.Health.Status}}')));
    return health.filter((state) => state === 'healthy').length === count;
  };
  await eventually(`${count} replicas are healthy`, healthy, IS_READY_WITHIN_MS);
}

async function ask(path: string, options: { token?: string; body?: object } = {}) {
  const { status, text } = await send(path, URL + path, options);
  return { status, body: text.startsWith('{') ? JSON.parse(text) : {} };
}

/** Answers that no client should have. A limit is none of them, nor is a stopping replica that says so when asked. */
function failures({ answers }: Traffic): string[] {
  const failed = answers.filter(({ what, status }) => what !== 'ready' && (status === 0 || status >= 500));
  expect(answers.length).toBeGreaterThan(100);
  return failed.map(({ what, status, text }) => `${what} ${status} ${text}`);
}

/** Each item that was acknowledged is in the database. */
async function expectKept({ items }: Traffic): Promise<void> {
  const [database = ''] = await containersOf('postgres');
  const titles = [...items.acknowledged.values()];
  expect(titles.length).toBeGreaterThan(50);
  const query = 'PGPASSWORD=$POSTGRES_PASSWORD psql -h 127.0.0.1 -U postgres -d back -Atc "select title from items"';
  const kept = new Set((await docker('exec', database, 'sh', '-c', query)).split('\n'));
  expect(titles.filter((title) => !kept.has(title))).toEqual([]);
}
