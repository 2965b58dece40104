import { CONSOLE_SETTINGS } from './config/console.ts';
import { DATABASE_SETTINGS } from './config/database.ts';
import { readEnvFile } from './config/env-file.ts';
import { FACTOR_SETTINGS, factorProblems } from './config/factors.ts';
import { KEY_SETTINGS, keyProblems } from './config/keys.ts';
import { LIMIT_SETTINGS, OWN_LIMIT_SETTINGS } from './config/limits.ts';
import { MAIL_SETTINGS, mailProblems } from './config/mail.ts';
import { OAUTH_SETTINGS, type OidcProvider, oauthProblems, readOidcProviders } from './config/oauth.ts';
import {
  boolean,
  ConfigError,
  cidrs,
  type Environment,
  hashFile,
  headerNames,
  integer,
  oneOf,
  origins,
  postgresUrl,
  readSettings,
  rootPath,
  type Setting,
  serviceUrl,
  setting,
  word,
} from './config/settings.ts';
import { STORAGE_SETTINGS, storageProblems } from './config/storage.ts';
import { TELEMETRY_SETTINGS } from './config/telemetry.ts';
import { TOKEN_SETTINGS } from './config/tokens.ts';
import { productSettings } from './product.ts';
import { Secret } from './utils/secret.ts';

/** The seed's fallback for development: a local server with the credentials that every tutorial uses. */
export const LOCAL_DATABASE_URL = 'postgresql://postgres:root@localhost:5432/py-db';

const secret =
  <T>(parse: (text: string) => T) =>
  (text: string) =>
    new Secret(parse(text));

/** Every variable that the application reads, with its default, unit and meaning. The product's follow the kit's. */
export const SETTINGS = {
  SECRET_KEY: setting({
    section: 'Required',
    default: null,
    secret: true,
    purpose:
      'Signs the tokens. Random, such as `openssl rand -base64 48` prints; at least 32 bytes for HS256, 48 for HS384, 64 for HS512; a PEM private key for ES256, ES384, EdDSA and PS256',
    parse: secret((text) => text),
  }),
  ...KEY_SETTINGS,
  DATABASE_URL: setting({
    section: 'Required',
    default: LOCAL_DATABASE_URL,
    secret: true,
    purpose: "PostgreSQL connection string as libpq reads it; on Supabase the connection pooler's (port 6543)",
    parse: secret(postgresUrl),
  }),
  ...TOKEN_SETTINGS,
  BCRYPT_COST: setting({
    section: 'Passwords',
    default: '12',
    purpose: 'bcrypt cost; each step doubles the time',
    parse: integer(10, 15),
  }),
  PASSWORD_MIN_LENGTH: setting({
    section: 'Passwords',
    default: '8',
    unit: 'characters',
    purpose: 'Shortest password accepted',
    parse: integer(8, 64),
  }),
  ...LIMIT_SETTINGS,
  PASSWORD_BREACH_FILE: setting({
    section: 'Passwords',
    default: '',
    purpose:
      'File of breached passwords as sorted SHA-1 hashes, in the form of Have I Been Pwned; a new password must not be in it',
    parse: hashFile,
  }),
  PASSWORD_BREACH_URL: setting({
    section: 'Passwords',
    default: '',
    purpose:
      'Range service that looks new passwords up by the first five digits of their SHA-1, such as https://api.pwnedpasswords.com/range/; if it does not answer, the password is accepted',
    parse: serviceUrl,
  }),
  AUDIT_RETENTION_DAYS: setting({
    section: 'Audit',
    default: '365',
    unit: 'days',
    purpose: 'Shortest time for which audit events are kept; they are dropped by whole months. 0: for ever',
    parse: integer(0, 36_500),
  }),
  ...MAIL_SETTINGS,
  ...FACTOR_SETTINGS,
  ...OAUTH_SETTINGS,
  ...STORAGE_SETTINGS,
  ENVIRONMENT: setting({
    section: 'Server',
    default: 'development',
    purpose: 'development, production or test; `npm start` takes production if it is unset',
    parse: oneOf('development', 'production', 'test'),
  }),
  HOST: setting({
    section: 'Server',
    default: '127.0.0.1',
    purpose: 'Address to listen on; 0.0.0.0 in a container',
    parse: word,
  }),
  PORT: setting({
    section: 'Server',
    default: '8000',
    purpose: 'Port to listen on; 0 takes a free one',
    parse: integer(0, 65_535),
  }),
  WORKERS: setting({
    section: 'Server',
    default: '1',
    unit: 'processes',
    purpose: 'Server processes that share the port',
    parse: integer(1, 256),
  }),
  JOBS: setting({
    section: 'Server',
    default: 'true',
    purpose: 'Whether the server also works off jobs; if not, `npx back work` must run beside it',
    parse: boolean,
  }),
  STOP_DELAY_SECONDS: setting({
    section: 'Server',
    default: '0',
    unit: 'seconds',
    purpose:
      'Time after SIGTERM in which requests are still served while /health/ready answers 503, so that a load balancer stops sending first',
    parse: integer(0, 300),
  }),
  LOG_LEVEL: setting({
    section: 'Server',
    default: 'info',
    purpose: 'trace, debug, info, warn, error, fatal or silent',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  }),
  LOG_FORMAT: setting({
    section: 'Server',
    default: 'auto',
    purpose:
      'json: one JSON object a line; text: lines for a person, with colours on a terminal; auto: text in development on a terminal, otherwise json',
    parse: oneOf('auto', 'json', 'text'),
  }),
  DOCS_ENABLED: setting({
    section: 'Server',
    default: 'true',
    purpose: 'Serve /docs, /redoc and /openapi.json',
    parse: boolean,
  }),
  PAGES_ENABLED: setting({
    section: 'Server',
    default: 'true',
    purpose: 'Serve the pages of an account below /account, where the links of mails lead; if not, set APP_URL',
    parse: boolean,
  }),
  ...CONSOLE_SETTINGS,
  METRICS_ENABLED: setting({
    section: 'Server',
    default: 'true',
    purpose: 'Serve /metrics; keep it from the public at the proxy',
    parse: boolean,
  }),
  ROOT_PATH: setting({
    section: 'Server',
    default: '',
    purpose:
      'Prefix that a proxy takes away, such as /api: the documentation and its `servers` then lead through the proxy',
    parse: rootPath,
  }),
  CORS_ORIGINS: setting({
    section: 'Server',
    default: '',
    purpose:
      'Origins that browsers and apps may call from, comma-separated, such as https://app.example.com or capacitor://localhost; none by default',
    parse: origins,
  }),
  CORS_HEADERS: setting({
    section: 'Server',
    default: '',
    purpose: 'Request headers of your own that these origins may send, comma-separated; the usual ones need no entry',
    parse: headerNames,
  }),
  TRUSTED_PROXIES: setting({
    section: 'Server',
    default: '',
    purpose: 'Addresses and CIDR ranges of proxies whose X-Forwarded-For is believed, comma-separated; none by default',
    parse: cidrs,
  }),
  ...DATABASE_SETTINGS,
  ...TELEMETRY_SETTINGS,
  ...OWN_LIMIT_SETTINGS,
  ...productSettings,
} satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
type Parsed<S> = S extends Setting<infer T> ? T : never;

/** The effective configuration, keyed by the variables' names in lower case; frozen. */
export type Config = { readonly [Name in keyof Settings as Lowercase<Name>]: Parsed<Settings[Name]> } & {
  /** The issuers of `OIDC_<NAME>_…`, whose names are the operator's. */
  readonly oidc_providers: readonly OidcProvider[];
};

/** The process's variables over those of the `.env` file in `directory`; an empty variable counts as unset. */
export function readEnvironment(directory = process.cwd()): Environment {
  return { ...readEnvFile(`${directory}/.env`, process.env), ...process.env };
}

/** The settings that say how to reach the database: all that migrations need. */
export type DatabaseConfig = Pick<Config, 'database_url' | 'database_pooler' | 'database_schema'>;

/** The settings that say which audit events are kept and where: all that their upkeep needs. */
export type AuditConfig = DatabaseConfig & Pick<Config, 'audit_retention_days'>;

/** The settings that say where keys are and how long their tokens live: all that `back keys` needs. */
export type KeysConfig = Pick<
  Config,
  'keys_directory' | 'algorithm' | 'allow_rs256' | 'minutes_token_expire' | 'days_refresh_token_expire'
>;

/** The settings that say how mails are sent and where their links lead: all that `back mail` needs. */
export type MailConfig = Pick<Config, 'smtp_url' | 'mail_from' | 'public_url' | 'app_url' | 'port' | 'root_path'>;

/** Turns an environment into the frozen Config, or throws one ConfigError that names every bad variable. */
export function loadConfig(environment: Environment): Config {
  const { config, problems } = examineConfig(environment);
  if (problems.length > 0) throw new ConfigError(problems);
  // Without a problem every declared name is filled.
  return Object.freeze(config as Config);
}

/** As much of the configuration as can be read, and one sentence for each thing that keeps the server from starting. */
export function examineConfig(environment: Environment): { config: Partial<Config>; problems: readonly string[] } {
  const { values, problems } = readSettings(SETTINGS, environment);
  const oidc = readOidcProviders(environment);
  // readSettings fills exactly the declared names, each with its own parser's value.
  const config = { ...values, oidc_providers: oidc.providers } as Partial<Config>;
  return { config, problems: [...problems, ...oidc.problems, ...contradictions(config, environment)] };
}

/** The settings of the database alone, so that a migration needs no key. */
export function loadDatabaseConfig(environment: Environment): DatabaseConfig {
  const { DATABASE_URL, DATABASE_POOLER, DATABASE_SCHEMA } = SETTINGS;
  return loadSome<DatabaseConfig>({ DATABASE_URL, DATABASE_POOLER, DATABASE_SCHEMA }, environment);
}

/** The settings of the audit events' upkeep alone, so that the tables' owner runs it without a key. */
export function loadAuditConfig(environment: Environment): AuditConfig {
  const { DATABASE_URL, DATABASE_POOLER, DATABASE_SCHEMA, AUDIT_RETENTION_DAYS } = SETTINGS;
  return loadSome<AuditConfig>({ DATABASE_URL, DATABASE_POOLER, DATABASE_SCHEMA, AUDIT_RETENTION_DAYS }, environment);
}

/** The settings of the keys alone, so that the first keys can be made while other settings are still wrong. */
export function loadKeysConfig(environment: Environment): KeysConfig {
  const { KEYS_DIRECTORY, ALGORITHM, ALLOW_RS256, MINUTES_TOKEN_EXPIRE, DAYS_REFRESH_TOKEN_EXPIRE } = SETTINGS;
  return loadSome<KeysConfig>(
    { KEYS_DIRECTORY, ALGORITHM, ALLOW_RS256, MINUTES_TOKEN_EXPIRE, DAYS_REFRESH_TOKEN_EXPIRE },
    environment,
  );
}

/** The settings of mails alone, so that a mail is tested and read without a key. */
export function loadMailConfig(environment: Environment): MailConfig {
  const { SMTP_URL, MAIL_FROM, PUBLIC_URL, APP_URL, PORT, ROOT_PATH } = SETTINGS;
  return loadSome<MailConfig>({ SMTP_URL, MAIL_FROM, PUBLIC_URL, APP_URL, PORT, ROOT_PATH }, environment);
}

function loadSome<Some>(
  declared: Readonly<Record<string, Setting<unknown>>>,
  environment: Environment,
): Readonly<Some> {
  const { values, problems } = readSettings(declared, environment);
  if (problems.length > 0) throw new ConfigError(problems);
  // readSettings fills exactly the declared names, each with its own parser's value.
  return Object.freeze(values as Some);
}

function* contradictions(config: Partial<Config>, environment: Environment): Generator<string> {
  yield* keyProblems(config);
  yield* mailProblems(config);
  yield* factorProblems(config);
  yield* oauthProblems(config);
  yield* storageProblems(config);
  if (config.environment === 'production' && !environment.DATABASE_URL?.trim()) {
    yield 'DATABASE_URL is required in production: the local fallback has a well-known password';
  }
  if (config.environment === 'production' && config.cors_origins?.includes('*')) {
    yield 'CORS_ORIGINS must name the origins in production; * lets every website call the API';
  }
  const { days_refresh_token_expire: refresh = 0, days_session_max: session = Number.POSITIVE_INFINITY } = config;
  if (refresh > session) yield 'DAYS_REFRESH_TOKEN_EXPIRE must not be longer than DAYS_SESSION_MAX';
}
