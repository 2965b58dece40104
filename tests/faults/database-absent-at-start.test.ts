import { freePort } from 'pg-devdb/throw-away';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectContractOnly, expectRecovery, isRefusal } from '../helpers/fault-invariants.ts';
import { type Answer, send, startTraffic } from '../helpers/fault-traffic.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type ServedApp, SHORT_DEADLINES, serveApp } from '../helpers/served-app.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

let postgres: OwnPostgres;
let proxy: TcpProxy;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  proxy = await startTcpProxy(postgres.port);
});
afterAll(async () => {
  await proxy?.close();
  await postgres?.remove();
});

describe('a start', () => {
  async function started(url: string): Promise<ServedApp> {
    const late = await serveApp(url, SHORT_DEADLINES);
    onTestFinished(async () => void (await late.stop()));
    return late;
  }

  /** What a newcomer is told: refused everywhere, but alive. */
  async function expectRefusals({ url }: ServedApp): Promise<void> {
    const answers: Answer[] = await Promise.all([
      send('ready', `${url}/health/ready`),
      send('live', `${url}/health/live`),
      send('guess', `${url}/auth/login`, { body: { email: 'a@example.com', password: 'a wrong guess' } }),
    ]);
    expectContractOnly(answers);
    expect(answers.map(({ status }) => status)).toEqual([503, 200, 503]);
    expect(answers.filter(({ what }) => what !== 'live').every(isRefusal)).toBe(true);
  }

  it('while the database refuses connections serves as soon as it accepts them', async () => {
    await proxy.refuse();
    const late = await started(proxy.before(postgres.url));
    await expectRefusals(late);
    await proxy.pass();
    await eventually('it is ready', async () => (await fetch(`${late.url}/health/ready`)).ok);
    expect((await send('live', `${late.url}/auth/me`)).status).toBe(401);
    const traffic = await startTraffic(late.url);
    await expectRecovery({ app: late, postgres, traffic, is_felt: false });
  });

  it('before a listener that accepts and says nothing serves as soon as it speaks', async () => {
    proxy.drop();
    const late = await started(proxy.before(postgres.url));
    await expectRefusals(late);
    await proxy.pass();
    await eventually('it is ready', async () => (await fetch(`${late.url}/health/ready`)).ok);
  });

  it('with a host that no name server knows is refused by its name, and stays alive', async () => {
    const url = new URL(postgres.url);
    url.hostname = 'no-such-host.invalid';
    const lost = await started(url.href);
    await expectRefusals(lost);
    await lost.program.until(/ENOTFOUND|EAI_AGAIN/);
  });

  it('at a port that nobody listens on says so in the log, without the password', async () => {
    const url = new URL(postgres.url);
    url.port = String(await freePort());
    const lost = await started(url.href);
    await expectRefusals(lost);
    await lost.program.until(/ECONNREFUSED/);
    expect(lost.program.output()).not.toContain(url.password);
  });
});
