import type { Difference } from 'pg-revisions';
import type { Budget } from '../app/budget.ts';
import type { Config } from '../app/config.ts';

/** What was looked at, or the sentence that says why it could not be. */
export type Look<T> = { seen: T } | { failure: string };

/** The configuration, with the default for each setting that cannot be read; of what has none, or reaches elsewhere by it, nothing. */
export type ReadableConfig = Omit<Config, 'secret_key' | 'database_url'> &
  Partial<Pick<Config, 'secret_key' | 'database_url'>>;

/** The environment as it was found. */
export interface Observation {
  config: ReadableConfig;
  /** What keeps the server from starting. */
  problems: readonly string[];
  /** The variables that are set, by name. */
  given: ReadonlySet<string>;
  now: Date;
  /** Copies of the application that run at once, each with its WORKERS. */
  instances: number;
  cores: number;
  /** What users may upload, by the names of `productFiles`. */
  file_purposes: readonly string[];
  /** What one process may use at once. */
  budget: Budget;
  /** Files that hold secrets and that others than their owner may read. */
  exposed_files: readonly string[];
  /** Words that many people know. */
  words: ReadonlySet<string>;
  database: Look<DatabaseObservation>;
  /** Missing if no Redis is configured. */
  redis?: Look<RedisObservation>;
  /** Missing without SMTP_URL. */
  mail?: MailObservation;
}

/** The mail server, and what the world is told of the sender's domain. */
export interface MailObservation {
  server: Look<MailServer>;
  /** Nothing was seen if the sender has no public domain; missing if it was not looked for. */
  domain?: Look<MailDomain | undefined>;
}

/** A mail server that let us in. */
export interface MailServer {
  /** Host and port. */
  address: string;
  is_local: boolean;
  /** A user and a password were given and taken. */
  signs_in: boolean;
  /** `unverified`: in clear, or with a certificate that does not hold. */
  encryption: 'verified' | 'unverified';
  /** What kept TLS from being verified. */
  reason?: string;
}

/** The records of a sender's domain; `undefined` for one that is not there. */
export interface MailDomain {
  domain: string;
  spf: Look<string | undefined>;
  dmarc: Look<string | undefined>;
  /** Names below `_domainkey` exist. */
  has_keys: Look<boolean>;
}

/** The jobs as their table has them. */
export interface JobFacts {
  pending: number;
  /** How long the longest due one waits beyond its time; 0 if none is due. */
  oldest_due_seconds: number;
  oldest_kind: string | undefined;
  dead: number;
  /** The kinds of the dead ones. */
  dead_kinds: readonly string[];
}

/** The administrators, and those whom a password alone lets in. */
export interface AdminFacts {
  admins: number;
  bare: number;
  /** The addresses of the first ones. */
  bare_names: readonly string[];
}

/** A database that let us in. */
export interface DatabaseObservation {
  /** For sentences: host, port and database, never the password. */
  address: string;
  /** The application takes it for a transaction pooler: DATABASE_POOLER, or the port. */
  taken_for_transaction_pooler: boolean;
  tls: TlsObservation;
  pooling: Look<Pooling>;
  latency: Look<Latency>;
  session: Look<PoolSession>;
  server: Look<ServerFacts>;
  role: Look<RoleFacts>;
  usage: Look<Usage>;
  /** Only behind a pooler. */
  pooler?: Look<PoolerLimits>;
  migrations: Look<Migrations>;
  foreign_keys: Look<readonly UnindexedKey[]>;
  unchecked: Look<readonly UncheckedConstraint[]>;
  /** Nothing before the table of jobs is there. */
  jobs: Look<JobFacts | undefined>;
  /** Nothing before the table of passkeys is there. */
  admins: Look<AdminFacts | undefined>;
}

export type ConnectionKind = 'direct' | 'session_pooler' | 'transaction_pooler';

/** What stands between, told by what happens to a session, and what works through it; `undefined`: could not be told. */
export interface Pooling {
  kind: ConnectionKind;
  /** What gave the pooler away. */
  evidence: string;
  prepared_statements: boolean | undefined;
  session_settings: boolean | undefined;
  session_locks: boolean | undefined;
  transaction_locks: boolean | undefined;
  listen: boolean | undefined;
}

export interface TlsObservation {
  ssl_mode: string;
  /** The server is this machine, so that nothing travels. */
  is_local: boolean;
  /** The address is one of a private network. */
  is_private: boolean;
  /** A root certificate was named. */
  has_root: boolean;
  /** `undefined` if the connection is in clear. */
  protocol: string | undefined;
  /** Of the server's certificate. */
  valid_to: Date | undefined;
}

export interface Latency {
  connect_ms: number;
  round_trip_ms: number;
  /** How far the database's clock is ahead of ours; the truth lies within `uncertaintyMs` of it. */
  clock_ahead_ms: number;
  uncertaintyMs: number;
}

/** A session as the application's pool opens it. */
export interface PoolSession {
  /** The sentence of a pooler that refused what the pool sends at the start of a session. */
  refused: string | undefined;
  /** 0: none. */
  statement_timeout_ms: number;
  idle_in_transaction_timeout_ms: number;
}

export interface ServerFacts {
  /** Settings under which other programs read or write something else than the application. */
  odd_settings: readonly OddSetting[];
  version: string;
  version_num: number;
  encoding: string;
  is_standby: boolean;
  is_read_only: boolean;
}

/** A setting that a new session has by its role, its database or the server's configuration, and that the application replaces. */
export interface OddSetting {
  name: string;
  value: string;
  /** As pg_settings names it: `user`, `database`, `configuration file`, … */
  source: string;
}

export interface RoleFacts {
  name: string;
  is_superuser: boolean;
  may_create_roles: boolean;
  may_create_databases: boolean;
  may_replicate: boolean;
  may_bypass_row_security: boolean;
  /** Tables of the schema that the role may not read and write. */
  out_of_reach: readonly string[];
}

/** Connections, counted by the server. */
export interface Usage {
  max_connections: number;
  /** Kept for superusers and others with a privilege. */
  reserved: number;
  /** Held by other programs than this application. */
  others: number;
  /** The least of the limits of the role and the database, if one is set. */
  role_limit: number | undefined;
}

/** What a pooler tells of itself; it does so on its admin console, to whom it trusts. */
export interface PoolerLimits {
  max_client_conn: number;
  default_pool_size: number;
}

export interface Migrations {
  pending: readonly string[];
  /** A sentence if the database is at a revision that is not among the files. */
  unknown: string | undefined;
  differences: readonly Difference[];
  /** The reason if models and database were not compared. */
  uncompared: string | undefined;
}

/** A constraint that holds for new rows only (`NOT VALID`). */
export interface UncheckedConstraint {
  table: string;
  constraint: string;
  /** The condition that it puts. */
  condition: string;
  /** Rows that break it; no more than a thousand are counted. */
  broken: number;
}

/** A foreign key that no index serves. */
export interface UnindexedKey {
  table: string;
  constraint: string;
  columns: string;
  index: string;
  is_partitioned: boolean;
}

export interface RedisObservation {
  is_local: boolean;
  is_encrypted: boolean;
  version: string;
  eviction: string;
  round_trip_ms: number;
}
