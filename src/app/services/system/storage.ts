import { storageDirectory } from '../../config/storage.ts';
import type { Core } from '../../core.ts';
import type { Keyring } from '../auth/tokens/keyring.ts';
import { createBucket } from './storage/bucket.ts';
import type { Storage as Contract } from './storage/contract.ts';
import { createFolder } from './storage/folder.ts';

/** The storage of files, as `storage/contract.ts` says. */
export type Storage = Contract;

/** The storage of the configuration: a bucket, or a folder; `undefined` if there is none. Nothing connects yet. */
export function createStorage(
  core: Pick<Core, 'config' | 'clock'>,
  keyring: Pick<Keyring, 'signingAt' | 'findOneTimeKey'>,
): Storage | undefined {
  if (core.config.storage_bucket !== '') return createBucket(core);
  const directory = storageDirectory(core.config);
  if (directory === undefined) return undefined;
  return createFolder({ ...core, keyring }, directory);
}
