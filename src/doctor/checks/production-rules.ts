import { counted, type Finding, fail, warn } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { passwordIn } from '../passwords.ts';
import type { Rule } from './settings-rules.ts';

const LOOPBACK = /^(127\.|localhost$|::1$)/;
const UNENCRYPTED_ORIGIN = /^http:/;
const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.|\[::1\])/;
const WELL_KNOWN_PASSWORDS = new Set(['root', 'postgres', 'password', 'secret', 'admin', 'changeme']);

/** What is for development and stands in production. */
export const PRODUCTION_RULES: readonly Rule[] = [
  databasePassword,
  limitsOff,
  docsOpen,
  metricsOpen,
  hiddenClients,
  origins,
  uploads,
  silence,
];

/** That there is no URL at all, the configuration says itself. */
function databasePassword({ config, given }: Observation): Finding | undefined {
  const url = config.database_url?.reveal();
  if (url === undefined || !given.has('DATABASE_URL') || !WELL_KNOWN_PASSWORDS.has(passwordIn(url))) return undefined;
  return fail(
    'database_password',
    'The password in DATABASE_URL is one that everybody tries first',
    `ALTER ROLE CURRENT_USER PASSWORD '…';  with what openssl rand -hex 24 prints`,
  );
}

function limitsOff({ config }: Observation): Finding | undefined {
  if (config.rate_limits) return undefined;
  return fail('limits_off', 'RATE_LIMITS is false: passwords may be guessed without end', 'RATE_LIMITS=true');
}

function docsOpen({ config }: Observation): Finding | undefined {
  if (!config.docs_enabled) return undefined;
  return warn('docs_open', 'DOCS_ENABLED is true: everybody can read /docs and /openapi.json', 'DOCS_ENABLED=false');
}

function metricsOpen({ config }: Observation): Finding | undefined {
  if (!config.metrics_enabled) return undefined;
  return warn(
    'metrics_open',
    'METRICS_ENABLED is true: /metrics is open to everyone who reaches the port',
    'keep /metrics from the public at the proxy, or METRICS_ENABLED=false',
  );
}

function hiddenClients({ config }: Observation): Finding | undefined {
  if (config.trusted_proxies.length > 0 || !LOOPBACK.test(config.host)) return undefined;
  return warn(
    'trusted_proxies',
    `HOST is ${config.host}, so that every request comes through a proxy of this machine, and TRUSTED_PROXIES is empty: all clients count as one`,
    'TRUSTED_PROXIES=127.0.0.1,::1',
    'or, in a container, HOST=0.0.0.0',
  );
}

function origins({ config }: Observation): Finding | undefined {
  const local = config.cors_origins.find((origin) => LOCAL_ORIGIN.test(origin));
  if (local !== undefined)
    return warn(
      'cors',
      `CORS_ORIGINS has ${local}: whatever runs on a visitor’s machine may call the API`,
      'take it out',
    );
  const unencrypted = config.cors_origins.find((origin) => UNENCRYPTED_ORIGIN.test(origin));
  if (unencrypted === undefined) return undefined;
  return warn(
    'cors',
    `CORS_ORIGINS has ${unencrypted}: a machine between a visitor and that page may call the API`,
    unencrypted.replace('http:', 'https:'),
  );
}

/** A folder is a storage of one machine; development has one by itself. */
function uploads({ config, file_purposes, instances }: Observation): Finding | undefined {
  const { storage_bucket, storage_directory } = config;
  if (file_purposes.length === 0 || storage_bucket !== '') return undefined;
  if (storage_directory === '')
    return fail(
      'storage',
      `The product takes uploads (${file_purposes.join(', ')}) and no storage is set: the routes of /files do not exist`,
      'STORAGE_BUCKET and its key, or STORAGE_DIRECTORY; see docs/guides/files.md',
    );
  if (instances === 1) return undefined;
  return warn(
    'storage',
    `STORAGE_DIRECTORY is a folder and there are ${counted(instances, 'instance')}: on another machine a file is missing`,
    'STORAGE_BUCKET and its key, or a folder that all instances share',
  );
}

function silence({ config }: Observation): Finding | undefined {
  if (config.log_level !== 'silent') return undefined;
  return warn('log_level', 'LOG_LEVEL is silent: nothing is known of what goes wrong', 'LOG_LEVEL=info');
}
