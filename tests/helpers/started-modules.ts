import { registerHooks } from 'node:module';

// A process of its own: makes the application as `back run` does, reads its readiness, and prints which files were loaded by
// then and which ones after it. Nothing listens, so that the time at which the rest is loaded is this file's.
const files = new Set<string>();
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:')) files.add(url);
    return next(url, context);
  },
});

const { loadConfig, readEnvironment } = await import('../../src/app/config.ts');
const { buildApp } = await import('../../src/app/app.ts');
const { loadWaiting } = await import('../../src/app/utils/later.ts');
await import('../../src/cli/run.ts');

const app = await buildApp(loadConfig(readEnvironment()));
const ready = await app.inject('/health/ready');
const atStart = [...files];
await loadWaiting();
const afterIt = [...files].slice(atStart.length);
console.error(JSON.stringify({ status: ready.statusCode, atStart, afterIt }));
await app.close();
