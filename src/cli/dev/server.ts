import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

const DEBOUNCE_MS = 80;
const STOP_WITHIN_MS = 3000;
/** What the server is made of; editors write other files beside the one that is edited. */
const SOURCE = /(^|\/)[^./#][^/]*\.(ts|js|json|sql|txt)$/;

export interface DevServerOptions {
  root: string;
  /** The server answers; `duration_ms` is the time since its start. */
  onReady: (duration_ms: number) => void;
  onRestart: (file: string) => void;
  /** The server ended by itself, with its reason on the terminal; the next change starts it again. */
  onCrash: () => void;
}

/** The server as a child that is replaced at every change of the sources. */
export interface DevServer {
  stop: () => Promise<void>;
}

/** Serves the application; a change under `src/` or of `.env` stops it in order and starts it anew. A crash waits for the next change. */
export function startDevServer({ root, onReady, onRestart, onCrash }: DevServerOptions): DevServer {
  let child = start();
  let restarting: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function start(): ChildProcess {
    const started = performance.now();
    const server = fork(join(root, 'src/cli/dev/child.ts'), {
      cwd: root,
      execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
    });
    server.once('message', () => onReady(Math.round(performance.now() - started)));
    server.once('exit', () => {
      if (!stopped && restarting === undefined) onCrash();
    });
    return server;
  }

  const restart = async (): Promise<void> => {
    do {
      again = false;
      await end(child);
      if (stopped) return;
      child = start();
    } while (again);
  };
  const onChange = (file: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      onRestart(file);
      again = restarting !== undefined;
      restarting ??= restart().finally(() => {
        restarting = undefined;
      });
    }, DEBOUNCE_MS);
  };
  const watchers = watchSources(root, onChange);
  const onResize = (): void => void child.kill('SIGWINCH');
  if (process.platform !== 'win32') process.on('SIGWINCH', onResize);

  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      process.off('SIGWINCH', onResize);
      await restarting;
      await end(child);
    },
  };
}

function watchSources(root: string, onChange: (file: string) => void): FSWatcher[] {
  const sources = watch(join(root, 'src'), { recursive: true }, (_event, file) => {
    if (file !== null && SOURCE.test(file)) onChange(join('src', file));
  });
  const settings = watch(root, (_event, file) => {
    if (file === '.env' && existsSync(join(root, '.env'))) onChange(file);
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
