import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createDatabase } from 'pg-devdb';
import { startThrowAwayPostgres } from 'pg-devdb/throw-away';
import { createMigrator } from 'pg-revisions';
import { loadConfig } from '../../src/app/config.ts';
import { REVISIONS } from '../../src/app/database/revisions-directory.ts';
import { startIssuers } from '../helpers/issuer.ts';
import { NOTES_SQL } from '../helpers/test-product/notes.ts';
import type { Subject } from './batch.ts';
import { type OpenApiDocument, readOperations } from './document.ts';
import { fixtureStatements, mintTokens } from './fixtures.ts';
import { beginSignIn, providerSettings } from './identity-provider.ts';
import { createOracle } from './oracle.ts';
import { type Server, startServer } from './server.ts';
import { createStateWatch } from './state.ts';

export interface Arena {
  readonly subject: Subject;
  readonly server: Server;
  close: () => Promise<void>;
}

/** Beyond what any run counts in a window; the limits themselves stay on. */
const LIMITS = {
  LIMIT_LOGIN_FAILURES_PER_ACCOUNT: '100000/1s',
  LIMIT_LOGIN_FAILURES_IN_A_ROW: '100000',
  LIMIT_LOGIN_FAILURES_PER_IP: '100000/1s',
  LIMIT_REFRESHES_PER_IP: '100000/1s',
  LIMIT_REGISTRATIONS_PER_IP: '100000/1s',
  LIMIT_MAILS_PER_IP: '100000/1s',
  LIMIT_WRITES_PER_ACCOUNT: '100000/1s',
};

/** A throw-away PostgreSQL at head, and the application on it as production runs it. */
export async function openArena(): Promise<Arena> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of closers.splice(0).reverse()) await stop();
  };
  try {
    // The same few rows are made anew for every batch: the dead ones must go as fast.
    const postgres = await startThrowAwayPostgres({ settings: { autovacuum_naptime: '1s' } });
    closers.push(() => postgres.stop());
    const url = new URL(postgres.url);
    url.pathname = '/fuzz';
    const issuers = await startIssuers();
    closers.push(async () => issuers.stop());
    const env = {
      SECRET_KEY: randomBytes(48).toString('base64url'),
      DATABASE_URL: url.href,
      ENVIRONMENT: 'production',
      MINUTES_TOKEN_EXPIRE: '1440',
      BCRYPT_COST: '10',
      // A job changes rows when its turn comes, not when a request is answered; what requests enqueue is counted.
      JOBS: 'false',
      ...LIMITS,
      EMAIL_LOGIN: 'true',
      ...providerSettings(issuers.url),
    };
    await createDatabase(env.DATABASE_URL);
    await createMigrator({ ...REVISIONS, connect: () => connect(url.href) }).upgrade('head');
    const client = await connect(url.href);
    closers.push(() => client.end());
    await client.query(NOTES_SQL);
    const server = await startServer(env);
    closers.push(server.stop);
    const subject = await createSubject(env, { server, client });
    const tokens = { ...subject.tokens, ...(await beginSignIn(server.port, issuers)) };
    return { subject: { ...subject, tokens }, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createSubject(
  env: Record<string, string> & { SECRET_KEY: string; DATABASE_URL: string },
  { server: { port }, client }: { server: Server; client: pg.Client },
): Promise<Subject> {
  const response = await fetch(`http://127.0.0.1:${port}/openapi.json`);
  // What the server itself says of itself.
  const operations = readOperations((await response.json()) as OpenApiDocument);
  const fixtures = await fixtureStatements();
  return {
    port,
    operations,
    tokens: mintTokens(loadConfig(env)),
    oracle: createOracle(operations, [env.SECRET_KEY, env.DATABASE_URL]),
    state: await createStateWatch(client),
    reset: async () => {
      await client.query(fixtures);
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}
