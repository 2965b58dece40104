import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Algorithm } from '../../src/app/keys/algorithms.ts';
import { type KeyFile, writeNewKey } from '../../src/app/keys/files.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export function newKeysDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'back-keys-'));
}

/** A key that signs from `offset_ms` after now. */
export function addKey(directory: string, algorithm: Algorithm, offset_ms: number): KeyFile {
  const created_at = new Date();
  return writeNewKey(directory, { algorithm, created_at, signs_from: new Date(created_at.getTime() + offset_ms) });
}

/** Changes members of a key's file; its date, for one, as if the key had been made at another time. */
export function editKey(directory: string, { file }: KeyFile, members: Record<string, unknown>): void {
  const path = join(directory, file);
  const jwk: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...jwk, ...members }));
}

/** Seconds since 1970, `offset_ms` after now. */
export function secondsFromNow(offset_ms: number): number {
  return Math.floor((Date.now() + offset_ms) / 1000);
}
