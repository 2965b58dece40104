import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

const DEBOUNCE_MS = 80;
const STOP_WITHIN_MS = 3000;

/** The server as a child that is replaced at every change of the sources. */
export interface DevServer {
  stop: () => Promise<void>;
}

/** Serves the application; a change under `src/` or of `.env` stops it in order and starts it anew. A crash waits for the next change. */
export function startDevServer({ root, onRestart }: { root: string; onRestart: () => void }): DevServer {
  let child = start();
  let restarting: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function start(): ChildProcess {
    const args = ['--enable-source-maps', join(root, 'src/cli/dev-child.ts')];
    return spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
  }

  const restart = async (): Promise<void> => {
    do {
      again = false;
      await end(child);
      if (stopped) return;
      onRestart();
      child = start();
    } while (again);
  };
  const onChange = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      again = restarting !== undefined;
      restarting ??= restart().finally(() => {
        restarting = undefined;
      });
    }, DEBOUNCE_MS);
  };
  const watchers = watchSources(root, onChange);

  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      await restarting;
      await end(child);
    },
  };
}

function watchSources(root: string, onChange: () => void): FSWatcher[] {
  const sources = watch(join(root, 'src'), { recursive: true }, (_event, file) => {
    if (file === null || /\.(ts|json|sql)$/.test(file)) onChange();
  });
  const settings = watch(root, (_event, file) => {
    if (file === '.env' && existsSync(join(root, '.env'))) onChange();
  });
  return [sources, settings];
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exit;
  clearTimeout(timer);
}
