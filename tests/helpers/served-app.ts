import { join } from 'node:path';
import { SECRET_KEY } from './api.ts';
import { type Started, start } from './processes.ts';
import { cleanEnvironment } from './project.ts';

/** The application's own main, with the notes beside its routes. */
const MAIN = join(import.meta.dirname, 'test-product/main.ts');

/** The API as a process of its own, on a free port. */
export interface ServedApp {
  readonly program: Started;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Its log so far, one object per line. */
  readonly logs: () => Record<string, unknown>[];
  /** A metric of `/metrics`, all its series added up. */
  readonly metric: (name: string) => Promise<number>;
  /** Asks it to stop; gives the exit code. */
  stop: () => Promise<number | string>;
}

/** Deadlines of a second, so that a test of what happens after them is short. */
export const SHORT_DEADLINES = { POOL_TIMEOUT_SECONDS: '1', STATEMENT_TIMEOUT_SECONDS: '1' };

/** What else may differ: a command that goes before Node, and the `main.ts` of another copy of the project. */
export interface Way {
  command?: readonly string[];
  main?: string;
}

/** Starts the application with these settings and nothing of a developer's. */
export async function serveApp(
  database_url: string,
  settings: Record<string, string> = {},
  { command = [], main = MAIN }: Way = {},
): Promise<ServedApp> {
  const env = cleanEnvironment({
    SECRET_KEY,
    DATABASE_URL: database_url,
    ENVIRONMENT: 'test',
    PORT: '0',
    BCRYPT_COST: '10',
    LOG_LEVEL: 'info',
    RATE_LIMITS: 'false',
    REFRESH_REUSE_SECONDS: '60',
    ...settings,
  });
  const [program = '', ...args] = [...command, process.execPath, main];
  const started = start(program, args, { env, cwd: '/' });
  const [, port = ''] = await started.until(/Server listening at http:\/\/127\.0\.0\.1:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  return {
    program: started,
    url,
    port: Number(port),
    pid: started.pid,
    logs: () => started.output().split('\n').flatMap(entry),
    metric: async (name) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const series = [...text.matchAll(new RegExp(`^${name}(?:{.*})? (\\S+)$`, 'gm'))];
      return series.length === 0 ? Number.NaN : series.reduce((sum, [, value]) => sum + Number(value), 0);
    },
    stop: () => {
      started.child.kill('SIGTERM');
      return started.ended;
    },
  };
}

function entry(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
