import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { buildApp, type Overrides } from './app.ts';
import { superviseWorkers } from './cluster.ts';
import { ConfigError } from './config/settings.ts';
import { type Config, loadConfig, readEnvironment } from './config.ts';
import { keepTickShape } from './utils/tick-shape.ts';

/** In-flight requests get this long to finish, once nothing new is served; then the process ends with code 1. */
const STOP_WITHIN_MS = 9000;

/** Another file that serves by `serve`, with routes and uploads of its own. */
interface Entry extends Pick<Overrides, 'routes' | 'filePurposes'> {
  entry: string;
}

/** Serves until a signal: config → app → listen → graceful stop, in this process or in WORKERS of them. */
export async function serve(
  config: Config,
  { entry, ...overrides }: Entry = { entry: import.meta.filename },
): Promise<void> {
  if (config.workers > 1 && cluster.isPrimary) return superviseWorkers(config.workers, entry);
  keepTickShape();
  const app = await buildApp(config, overrides);
  const stop_delay_ms = config.stop_delay_seconds * 1000;
  closeWithGrace(
    { delay: stop_delay_ms + STOP_WITHIN_MS, logger: app.log, ...(cluster.isWorker && { skip: ['SIGINT'] }) },
    async ({ err, signal }) => {
      app.ctx.health.startShutdown();
      if (err) app.log.fatal({ event: 'process.failed', err }, 'an uncaught error; stopping');
      else app.log.info({ event: 'process.stopping', signal }, 'stopping: requests in flight are finished first');
      // The address leaves the load balancer's list only after its next look at readiness; till then it sends requests here.
      if (signal === 'SIGTERM') await sleep(stop_delay_ms);
      app.ctx.health.startRefusing();
      await app.close();
    },
  );
  // Ctrl-C reaches the whole group; a worker waits for the word of its supervisor.
  if (cluster.isWorker) process.on('SIGINT', () => {});
  await app.listen({ host: config.host, port: config.port }).catch(nameUnknownHost);
  if (config.environment === 'production' && !app.ctx.mailer.canSend)
    app.log.warn({ event: 'mail.not_configured' }, 'SMTP_URL is not set; mails wait until it is');
  const pending = await app.ctx.health.pending();
  if (pending.length > 0) {
    app.log.warn(
      { event: 'migrations.pending', pending },
      'the database lacks revisions; apply them with: npx back upgrade head',
    );
  }
}

/** Rethrows; an unknown HOST by its name, since the host of the database fails by the same code. */
function nameUnknownHost(error: NodeJS.ErrnoException): never {
  if (error.syscall !== 'getaddrinfo') throw error;
  throw new ConfigError(['HOST must be an address of this machine, or a name of one']);
}

if (import.meta.main) {
  try {
    await serve(loadConfig(readEnvironment()));
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { port?: number };
    const sentence = error instanceof ConfigError ? error.message : undefined;
    console.error(sentence ?? (code === 'EADDRINUSE' ? `Port ${port} is taken` : error));
    process.exit(1);
  }
}
