import { join } from 'node:path';
import type { Fixtures } from '../fixtures.ts';
import { applicationCommand, type Server, startServer } from '../servers.ts';

/** A server by the way that it is written. */
export type ServerKind = 'back' | 'by-hand' | 'express' | 'better-auth';

export interface FarServer extends Server {
  readonly kind: ServerKind;
}

export interface Distance {
  /** The URL with the far way in place of PostgreSQL. */
  before: (url: string) => string;
  /** A transaction pooler stands before PostgreSQL. */
  isPooled: boolean;
  /** Another checkout of the application. */
  other: string | undefined;
}

const ROOT = join(import.meta.dirname, '../..');

/** The application and its baselines, with the database far away; bcrypt at cost 10. */
export async function startFarServers(fixtures: Fixtures, { before, isPooled, other }: Distance): Promise<FarServer[]> {
  const url = before(fixtures.env.DATABASE_URL ?? '');
  const env = {
    ...fixtures.env,
    DATABASE_URL: url,
    DATABASE_POOLER: isPooled ? 'transaction' : 'none',
    LIMIT_REGISTRATIONS_PER_IP: '100000/1s',
    LIMIT_MAILS_PER_IP: '100000/1s',
  };
  const started: FarServer[] = [];
  const add = async (kind: ServerKind, name: string, command: string[], ready_path: string): Promise<void> => {
    const database = kind === 'better-auth' ? { DATABASE_URL: before(fixtures.env.BETTER_AUTH_URL ?? '') } : {};
    started.push({ ...(await startServer({ name, env: { ...env, ...database }, command, ready_path })), kind });
  };
  try {
    await add('back', 'back', applicationCommand(), '/health/ready');
    if (other !== undefined) await add('back', 'other', applicationCommand(other), '/health/ready');
    await add('by-hand', 'by-hand', [join(ROOT, 'bench/baselines/by-hand.ts')], '/health');
    await add('better-auth', 'better-auth', [join(ROOT, 'bench/baselines/better-auth.ts')], '/api/auth/ok');
    await add('express', 'express', [join(ROOT, 'bench/baselines/express.ts')], '/health');
    return started;
  } catch (error) {
    for (const { stop } of started) await stop();
    throw error;
  }
}
