import type { Core } from '../../core.ts';
import type { FilePurposes } from '../../utils/file-purposes.ts';
import { createBucket } from './storage/bucket.ts';
import type { AddressKeys, Storage as Contract } from './storage/contract.ts';
import { createFolder } from './storage/folder.ts';

/** What users may upload, by its purpose. */
export type Uploads = FilePurposes;

/** The storage of files, as `storage/contract.ts` says. */
export type Storage = Contract;

/** The storage of the configuration: a bucket, or a folder; `undefined` if there is none. Nothing connects yet. */
export function createStorage(core: Pick<Core, 'config' | 'clock'>, keyring: AddressKeys): Storage | undefined {
  if (core.config.storage_bucket !== '') return createBucket(core);
  const { storage_directory, environment } = core.config;
  const directory = storage_directory || (environment === 'development' ? '.data/files' : '');
  if (directory === '') return undefined;
  return createFolder({ ...core, keyring }, directory);
}
