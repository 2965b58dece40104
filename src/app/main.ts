import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { ConfigError, loadConfig, readEnvironment } from './config.ts';

const STOP_WITHIN_MS = 10_000;

try {
  const config = loadConfig(readEnvironment());
  const app = await buildApp(config);
  closeWithGrace({ delay: STOP_WITHIN_MS, logger: app.log }, async ({ err, signal }) => {
    app.ctx.health.startShutdown();
    if (err) app.log.fatal({ event: 'process.failed', err }, 'an error that nobody caught; stopping');
    else app.log.info({ event: 'process.stopping', signal }, 'stopping');
    await app.close();
  });
  await app.listen({ host: config.host, port: config.port });
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
