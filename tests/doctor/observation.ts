import { createHash } from 'node:crypto';
import { processBudget } from '../../src/app/budget.ts';
import { examineConfig } from '../../src/app/config.ts';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import type {
  DatabaseObservation,
  MailObservation,
  Observation,
  ReadableConfig,
} from '../../src/doctor/observation.ts';
import { knownWords } from '../../src/doctor/observe/machine.ts';

const DAY_MS = 86_400_000;
export const NOW = new Date('2026-06-01T12:00:00Z');
export const GOOD_KEY = createHash('sha512')
  .update('a key that looks random, and the same in each run')
  .digest('base64');

const WORDS = knownWords();

/** What differs from an environment in which all is well. */
export interface Differences extends Partial<Omit<Observation, 'config' | 'database'>> {
  environment?: Record<string, string>;
  database?: Partial<DatabaseObservation>;
}

/** A database that a production could run on. */
const DATABASE: DatabaseObservation = {
  address: 'db.example.com:5432/app',
  taken_for_transaction_pooler: false,
  tls: {
    ssl_mode: 'verify-full',
    is_local: false,
    is_private: false,
    has_root: true,
    protocol: 'TLSv1.3',
    valid_to: new Date(NOW.getTime() + 200 * DAY_MS),
  },
  pooling: {
    seen: {
      kind: 'direct',
      evidence: 'it is',
      prepared_statements: true,
      session_settings: true,
      session_locks: true,
      transaction_locks: true,
      listen: true,
    },
  },
  latency: { seen: { connect_ms: 20, round_trip_ms: 1, clock_ahead_ms: 3, uncertaintyMs: 0.5 } },
  session: { seen: { refused: undefined, statement_timeout_ms: 5000, idle_in_transaction_timeout_ms: 60_000 } },
  server: {
    seen: {
      version: '17.5',
      version_num: 170_005,
      encoding: 'UTF8',
      is_standby: false,
      is_read_only: false,
      odd_settings: [],
    },
  },
  role: {
    seen: {
      name: 'app',
      is_superuser: false,
      may_create_roles: false,
      may_create_databases: false,
      may_replicate: false,
      may_bypass_row_security: false,
      out_of_reach: [],
    },
  },
  usage: { seen: { max_connections: 100, reserved: 3, others: 0, role_limit: undefined } },
  migrations: { seen: { pending: [], unknown: undefined, differences: [], uncompared: undefined } },
  foreign_keys: { seen: [] },
  unchecked: { seen: [] },
  admins: { seen: { admins: 1, bare: 0, bare_names: [] } },
  jobs: { seen: { pending: 0, oldest_due_seconds: 0, oldest_kind: undefined, dead: 0, dead_kinds: [] } },
};

/** A mail server that takes our login, and a domain whose mails are believed. */
const MAIL: MailObservation = {
  server: { seen: { address: 'mail.example.com:465', is_local: false, signs_in: true, encryption: 'verified' } },
  domain: {
    seen: {
      domain: 'example.com',
      spf: { seen: 'v=spf1 -all' },
      dmarc: { seen: 'v=DMARC1; p=reject' },
      has_keys: { seen: true },
    },
  },
};

/** A production in which all is well, but for the differences. */
export function observed({ environment = {}, database = {}, ...rest }: Differences = {}): Observation {
  const variables: Record<string, string> = {
    SECRET_KEY: GOOD_KEY,
    DATABASE_URL: 'postgres://app:aep3Oo5ieph7@db.example.com:5432/app',
    ENVIRONMENT: 'production',
    HOST: '0.0.0.0',
    DOCS_ENABLED: 'false',
    METRICS_ENABLED: 'false',
    SMTP_URL: 'smtps://app:Ohz7Aeb5aiQu@mail.example.com',
    MAIL_FROM: 'no-reply@example.com',
    PUBLIC_URL: 'https://api.example.com',
    ...environment,
  };
  const { config, problems } = examineConfig(variables);
  return {
    config: { ...examineConfig({}).config, ...config } as ReadableConfig,
    problems,
    given: new Set(Object.keys(variables).filter((name) => variables[name] !== '')),
    now: NOW,
    instances: 1,
    cores: 4,
    file_purposes: [],
    budget: processBudget(
      { workers: 1, pool_size: 5, pool_max_overflow: 10 },
      { memory_bytes: 512 * 1024 * 1024, open_files: 65_536, cores: 4 },
    ),
    exposed_files: [],
    words: WORDS,
    database: { seen: { ...DATABASE, ...database } },
    mail: MAIL,
    ...rest,
  };
}

/** What the doctor finds wrong. */
export function troubles(observation: Observation): Finding[] {
  return diagnose(observation)
    .groups.flatMap(({ findings }) => findings)
    .filter(({ level }) => level !== 'ok');
}
