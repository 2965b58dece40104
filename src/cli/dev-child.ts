import { Socket } from 'node:net';
import { loadConfig, readEnvironment } from '../app/config.ts';
import { serve } from '../app/main.ts';

/** The server under `back dev`. Descriptor 3 is its leash: the other end closes with the parent, even by SIGKILL. */
const leash = new Socket({ fd: 3 });
leash.resume();
leash.unref();
leash.once('close', () => process.kill(process.pid, 'SIGTERM'));

try {
  await serve(loadConfig(readEnvironment()));
} catch (error) {
  console.error(error instanceof Error && error.name === 'ConfigError' ? error.message : error);
  process.exit(1);
}
