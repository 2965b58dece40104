import { ConfigError } from '../../../src/app/config/settings.ts';
import { loadConfig, readEnvironment } from '../../../src/app/config.ts';
import { serve } from '../../../src/app/main.ts';
import { PURPOSES } from './files.ts';
import { notesOnly } from './routes.ts';

// The application as a process of its own with the notes, which only tests, benchmarks and the fuzzer mount.
try {
  await serve(loadConfig(readEnvironment()), {
    routes: notesOnly,
    filePurposes: PURPOSES,
    entry: import.meta.filename,
  });
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`);
  process.exit(1);
}
