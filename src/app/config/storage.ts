import { Secret } from '../utils/secret.ts';
import { serviceUrl, setting, word } from './settings.ts';

const SECTION = 'Files';

/** The settings of the storage of files; part of SETTINGS. */
export const STORAGE_SETTINGS = {
  STORAGE_DIRECTORY: setting({
    section: SECTION,
    default: '',
    purpose:
      'Folder that holds uploaded files if STORAGE_BUCKET is not set; empty: .data/files in development, none elsewhere. Without a storage the routes of /files do not exist',
    parse: path,
  }),
  STORAGE_BUCKET: setting({
    section: SECTION,
    default: '',
    purpose: 'Bucket of an S3-compatible storage that holds uploaded files',
    parse: bucket,
  }),
  STORAGE_ENDPOINT: setting({
    section: SECTION,
    default: '',
    purpose:
      'URL of the storage, such as https://PROJECT.storage.supabase.co/storage/v1/s3; the bucket follows in the path. Empty: AWS, with the bucket in the host name',
    parse: serviceUrl,
  }),
  STORAGE_REGION: setting({
    section: SECTION,
    default: 'us-east-1',
    purpose: 'Region of the bucket; auto for Cloudflare R2',
    parse: region,
  }),
  STORAGE_ACCESS_KEY_ID: setting({
    section: SECTION,
    default: '',
    purpose: 'Id of the access key of the storage; required with STORAGE_BUCKET',
    parse: (text) => (text === '' ? text : word(text)),
  }),
  STORAGE_SECRET_ACCESS_KEY: setting<Secret<string> | undefined>({
    section: SECTION,
    default: '',
    secret: true,
    purpose: 'The secret of that key; required with STORAGE_BUCKET',
    parse: (text) => (text === '' ? undefined : new Secret(word(text))),
  }),
};

/** What is missing for a bucket. */
export function* storageProblems(config: {
  readonly storage_bucket?: string;
  readonly storage_access_key_id?: string;
  readonly storage_secret_access_key?: Secret<string> | undefined;
}): Generator<string> {
  if ((config.storage_bucket ?? '') === '') return;
  if (config.storage_access_key_id === '') yield 'STORAGE_ACCESS_KEY_ID is required with STORAGE_BUCKET';
  if ('storage_secret_access_key' in config && config.storage_secret_access_key === undefined)
    yield 'STORAGE_SECRET_ACCESS_KEY is required with STORAGE_BUCKET';
}

function path(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new Error('must be a path');
  return text;
}

/** A part of a path, and on AWS of a host name, whose certificate covers no dot. */
function bucket(text: string): string {
  if (text === '' || /^[A-Za-z0-9][A-Za-z0-9_-]{1,61}[A-Za-z0-9]$/.test(text)) return text;
  throw new Error('must be the name of a bucket: letters, digits, hyphens and underscores');
}

function region(text: string): string {
  if (!/^[a-z0-9-]{1,32}$/.test(text)) throw new Error('must be the name of a region, such as eu-central-1');
  return text;
}
