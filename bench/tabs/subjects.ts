import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';
import { createDatabase } from 'pg-devdb';
import { rolldown } from 'rolldown';
import { buildApp } from '../../src/app/app.ts';
import { loadConfig } from '../../src/app/config.ts';
import { installAside } from '../../tests/helpers/aside.ts';
import type { RoughLine, Upstream } from '../../tests/helpers/rough-server.ts';
import { databaseUrl, migrate } from '../fixtures.ts';
import { emulateGotrue } from './gotrue.ts';

/** A client and the server that it was made for. */
export interface Subject {
  /** The module that its page imports. */
  client: string;
  /**
   * Runs in the page, with the module as `library`: gives `signUp(account)` and `ask()`, which answers `done`, `failed` while it is
   * signed in all the same, or `out`.
   */
  driver: string;
  start: RoughLine['start'];
  isRefresh: RoughLine['isRefresh'];
}

export type SubjectName = keyof typeof SUBJECTS;

const ROOT = join(import.meta.dirname, '../..');
/** Of better-auth's session: its cookie's copy is as short as our tokens. */
const FIVE_SECONDS = 5;

/** Every client, in the order of the table. */
export const SUBJECTS = { back, 'better-auth': betterAuthSubject, 'auth-js': authJs } as const;

/** Access tokens of five seconds, which no setting allows. */
async function back(server_url: string): Promise<Subject> {
  const url = databaseUrl(server_url, 'tabs');
  await createDatabase(url);
  await migrate(url);
  const settings = { SECRET_KEY: secret(), DATABASE_URL: url, RATE_LIMITS: 'false', LOG_LEVEL: 'silent' };
  const config = { ...loadConfig(settings), minutes_token_expire: FIVE_SECONDS / 60 };
  return {
    client: stripTypeScriptTypes(readFileSync(join(ROOT, 'packages/client/src/client.ts'), 'utf8')),
    driver: `const api = library.createClient({ baseUrl: '', session: 'cookie' });
      return {
        signUp: (account) => api.auth.register(account),
        ask: () => api.auth.getAccount().then(() => 'done', ({ code }) =>
          ['not_authenticated', 'session_ended'].includes(code) ? 'out' : 'failed'),
      };`,
    isRefresh: (request) => request === 'POST /auth/refresh',
    start: async () => {
      const app = await buildApp(config);
      await app.listen({ host: '127.0.0.1', port: 0 });
      return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
    },
  };
}

/** Its sessions are rows that a cookie names, with nothing to refresh. The row is written anew, and the cookie's copy of it read anew, every five seconds. */
async function betterAuthSubject(server_url: string): Promise<Subject> {
  const url = databaseUrl(server_url, 'tabs_better_auth');
  await createDatabase(url);
  const base = {
    baseURL: 'http://localhost:8000',
    secret: secret(),
    emailAndPassword: { enabled: true },
    session: { updateAge: FIVE_SECONDS, cookieCache: { enabled: true, maxAge: FIVE_SECONDS } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  };
  return {
    client: await bundled(`export { createAuthClient } from 'better-auth/client';`, ROOT),
    driver: `const client = library.createAuthClient({ baseURL: location.origin });
      return {
        signUp: async (account) => {
          const { error } = await client.signUp.email({ ...account, name: 'Ada' });
          if (error) throw new Error(JSON.stringify(error));
        },
        ask: async () => {
          const { data, error } = await client.getSession().catch((error) => ({ data: null, error }));
          if (data) return 'done';
          return error && error.status !== 401 ? 'failed' : 'out';
        },
      };`,
    isRefresh: () => false,
    start: async () => {
      const database = new pg.Pool({ connectionString: url, max: 15 });
      const options = { ...base, database };
      await (await getMigrations(options)).runMigrations();
      return listening(toNodeHandler(betterAuth(options)), () => database.end());
    },
  };
}

/** supabase-js keeps its session by this package. */
async function authJs(): Promise<Subject> {
  const aside = await installAside(join(import.meta.dirname, 'auth-js'));
  try {
    return {
      client: await bundled(`export { AuthClient } from '@supabase/auth-js';`, aside.directory),
      driver: `const url = location.origin + '/auth/v1';
        const client = new library.AuthClient({ url, storageKey: 'tabs', autoRefreshToken: true, persistSession: true });
        return {
          signUp: async (account) => {
            const { error } = await client.signUp(account);
            if (error) throw error;
          },
          ask: async () => {
            const { data, error } = await client.getUser();
            if (data.user) return 'done';
            return localStorage.getItem('tabs') === null || error.code === 'session_not_found' ? 'out' : 'failed';
          },
        };`,
      isRefresh: (request) => request === 'POST /auth/v1/token?grant_type=refresh_token',
      start: emulateGotrue(),
    };
  } finally {
    aside.remove();
  }
}

async function listening(handler: Parameters<typeof createServer>[1], onClose: () => Promise<void>): Promise<Upstream> {
  const server = createServer(handler as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close().closeAllConnections();
      await onClose();
    },
  };
}

/** One module for a browser, with what it imports from the packages of a folder. */
async function bundled(text: string, folder: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'back-bench-tabs-'));
  const input = join(directory, 'client.js');
  writeFileSync(input, text);
  try {
    const bundle = await rolldown({ input, platform: 'browser', resolve: { modules: [join(folder, 'node_modules')] } });
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
    await bundle.close();
    return output[0].code;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function secret(): string {
  return randomBytes(48).toString('base64url');
}
