import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { startTraffic, type Traffic } from './fault-traffic.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from './own-postgres.ts';
import { type ServedApp, SHORT_DEADLINES, serveApp } from './served-app.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** What a fault happens to. Its members are there from `beforeAll` on; a test that replaces one has ended the old one itself. */
export interface FaultScene {
  postgres: OwnPostgres;
  app: ServedApp;
  /** New for each test, which finds it at work. */
  traffic: Traffic;
  /** Waits until each of these clients has asked from now on and was refused. */
  untilRefused: (...clients: string[]) => Promise<void>;
  /** Waits until the clients have had this number of answers within a second. */
  untilAnswered: (a_second: number) => Promise<void>;
  /** Ends all connections of the application to its database; gives how many there were. */
  endConnections: () => Promise<number>;
}

/** How a scene differs: what is deferred to `atEnd` is ended after the application, or after both. */
export interface SceneParts {
  startPostgres?: (atEnd: AsyncDisposableStack) => Promise<OwnPostgres>;
  serve?: (postgres: OwnPostgres, atEnd: AsyncDisposableStack) => Promise<ServedApp>;
}

/** How long the clients work before something happens. */
const WARM_UP_MS = 500;

/** Starts a PostgreSQL of the file's own and the application on it, lets clients work during each test, and ends all of it. */
export function openFaultScene({
  startPostgres = () => startOwnPostgres(),
  serve = ({ url }) => serveApp(url),
}: SceneParts = {}): FaultScene {
  const atEnd = new AsyncDisposableStack();
  // The hooks bring what is missing before any test looks.
  const scene = {
    untilRefused: async (...clients) => {
      const since = performance.now();
      const isRefused = (client: string): boolean =>
        scene.traffic.answers.some(({ what, status, at }) => what === client && status === 503 && at > since);
      await eventually(`${clients} are refused`, async () => clients.every(isRefused), 10_000);
    },
    untilAnswered: async (a_second) => {
      const isBusy = async (): Promise<boolean> =>
        scene.traffic.answers.filter(({ at }) => at > performance.now() - 1000).length > a_second;
      await eventually(`${a_second} answers a second`, isBusy, 20_000);
    },
    endConnections: async () => {
      const ended = await scene.postgres.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'back-api'`,
      );
      return ended.length;
    },
  } as FaultScene;

  beforeAll(async () => {
    scene.postgres = await startPostgres(atEnd);
    atEnd.defer(() => scene.postgres.remove());
    scene.app = await serve(scene.postgres, atEnd);
    atEnd.defer(async () => void (await scene.app.stop()));
  });
  beforeEach(async () => {
    scene.traffic = await startTraffic(scene.app.url);
    await sleep(WARM_UP_MS);
  });
  afterEach(() => scene.traffic?.stop());
  afterAll(() => atEnd.disposeAsync());
  return scene;
}

/** A scene whose application reaches its database through a proxy, and waits for nothing longer than a second. */
export interface ProxiedScene extends FaultScene {
  proxy: TcpProxy;
  /** Waits until the clients have been refused for so long that the deadlines have passed for all of them. */
  untilDeadlines: () => Promise<void>;
}

/** Opens a scene with a proxy before the database, which passes everything again after each test. */
export function openProxiedScene({
  urlFor = async ({ url }) => url,
  ...parts
}: Pick<SceneParts, 'startPostgres'> & { urlFor?: (postgres: OwnPostgres) => Promise<string> } = {}): ProxiedScene {
  const scene = openFaultScene({
    ...parts,
    serve: async (postgres, atEnd) => {
      scene.proxy = await startTcpProxy(postgres.port);
      atEnd.defer(scene.proxy.close);
      return serveApp(scene.proxy.before(await urlFor(postgres)), SHORT_DEADLINES);
    },
  }) as ProxiedScene;
  scene.untilDeadlines = async () => {
    await scene.untilRefused('read', 'ready');
    await sleep(500);
  };
  afterEach(() => scene.proxy.pass());
  return scene;
}
