import { loadConfig, readEnvironment } from '../../app/config.ts';
import { serve } from '../../app/main.ts';
import { sentenceOf } from '../ui/errors.ts';

/** The server under `back dev`. The channel closes with the parent, even by SIGKILL. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();

try {
  await serve(loadConfig(readEnvironment()));
  process.send?.('listening');
} catch (error) {
  console.error(sentenceOf(error));
  process.exit(1);
}
