import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type KeysConfig, loadConfig, loadKeysConfig, readEnvironment } from '../app/config.ts';
import { ALGORITHMS, type Algorithm } from '../app/keys/algorithms.ts';
import { isReadableByOthers, type KeyFile, readKeyFilesSync, writeNewKey } from '../app/keys/files.ts';
import { isVerifying, longestTokenLife, type Scheduled, scheduleKeys } from '../app/keys/schedule.ts';
import * as factors from '../app/services/auth/factors.ts';
import { inAppContext } from './context.ts';
import { CommandError, sentenceOf as errorSentence } from './ui/errors.ts';
import { table } from './ui/table.ts';

interface NewKeyOptions {
  algorithm?: Algorithm;
  after: string;
}

/** By then every replica has read the key, and every cache of the JWKS (5 minutes) has fetched it. */
const ANNOUNCED_MINUTES = '15';
const MAX_ANNOUNCED_MINUTES = 43_200;

/** `back keys …`: the signing keys in KEYS_DIRECTORY. The servers follow without a restart, and nobody is logged out. */
export function registerKeys(program: Command): void {
  const group = program.command('keys').description('make, list and rotate the signing keys in KEYS_DIRECTORY');
  registerGenerate(group);
  registerList(group);
  registerRotate(group);
}

function registerGenerate(group: Command): void {
  newKeyCommand(group, 'generate')
    .description('make the first key of the directory; SECRET_KEY signs until it does')
    .action(({ algorithm, after }: NewKeyOptions) => {
      const config = keysConfig();
      if (readDirectory(config).length > 0) {
        throw new CommandError(
          `${config.keys_directory} has keys already; to replace the present one: npx back keys rotate`,
        );
      }
      makeKey(config, { algorithm: algorithm ?? config.algorithm, after });
    });
}

function registerRotate(group: Command): void {
  newKeyCommand(group, 'rotate')
    .description('make the key that takes over from the present one, and remove those of which no token is alive')
    .action(async ({ algorithm, after }: NewKeyOptions) => {
      const config = keysConfig();
      const keys = readDirectory(config);
      const newest = keys.at(-1);
      if (newest === undefined)
        throw new CommandError('There is no key to replace; make one with: npx back keys generate');
      if (newest.signs_from > new Date()) {
        throw new CommandError(
          `${newest.kid} is announced already and signs from ${instant(newest.signs_from)}; to hasten it, remove ${newest.file} first`,
        );
      }
      makeKey(config, { algorithm: algorithm ?? newest.algorithm, after });
      await prune(config);
    });
}

function registerList(group: Command): void {
  group
    .command('list')
    .description('list the keys in the order in which they sign')
    .option('--json', 'as one JSON array')
    .action(({ json }: { json?: boolean }) => {
      const config = keysConfig();
      const keys = schedule(config, readDirectory(config));
      const now = new Date();
      if (json)
        return console.log(
          JSON.stringify(
            keys.map((key) => describe(key, now)),
            null,
            2,
          ),
        );
      console.log(
        table(
          ['KEY', 'ALGORITHM', 'STATE', 'FILE'],
          keys.map((key) => row(key, now)),
        ),
      );
      for (const key of keys.filter((key) => isReadableByOthers(config.keys_directory, key))) {
        console.error(`${key.file} is readable by others than its owner; to mend it: chmod 600`);
      }
    });
}

function newKeyCommand(group: Command, name: string): Command {
  return group
    .command(name)
    .addOption(new Option('--algorithm <algorithm>', 'what it signs with').choices(ALGORITHMS))
    .option(
      '--after <minutes>',
      'how long it is announced before it signs; 0 if the present key is lost',
      ANNOUNCED_MINUTES,
    );
}

function makeKey(config: KeysConfig, { algorithm, after }: { algorithm: Algorithm; after: string }): void {
  if (algorithm === 'RS256' && !config.allow_rs256) {
    throw new CommandError('RS256 is a legacy: set ALLOW_RS256=true for it, or take PS256, ES256 or EdDSA');
  }
  const minutes = Number(after);
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > MAX_ANNOUNCED_MINUTES) {
    throw new CommandError(`--after must be a whole number of minutes up to ${MAX_ANNOUNCED_MINUTES}`);
  }
  // Files name whole seconds.
  const created_at = new Date(Math.floor(Date.now() / 1000) * 1000);
  const signs_from = new Date(created_at.getTime() + minutes * 60_000);
  const { kid, file } = writeNewKey(config.keys_directory, { algorithm, created_at, signs_from });
  console.log(`Made ${kid} (${algorithm}) in ${join(config.keys_directory, file)}`);
  console.log(minutes === 0 ? 'It signs as soon as the servers have read it' : `It signs from ${instant(signs_from)}`);
}

/** Removes the keys that verify nothing any more, and by which no factor is encrypted. */
async function prune(config: KeysConfig): Promise<void> {
  const now = new Date();
  const isResealed = await reseal();
  for (const key of schedule(config, readDirectory(config))) {
    if (isVerifying(key, now)) {
      if (key.retires_at) console.log(`${key.kid} verifies until ${instant(key.retires_at)}`);
      continue;
    }
    if (!isResealed) {
      console.error(`Kept ${key.kid}: factors may be encrypted by it; rotate once more when the database answers`);
      continue;
    }
    rmSync(join(config.keys_directory, key.file));
    console.log(`Removed ${key.kid}: no token of it is alive`);
  }
}

/**
 * Encrypts the secrets of authenticator apps by the present key; false if the database cannot be asked. Where nothing is
 * configured but the keys, the servers do it every hour.
 */
async function reseal(): Promise<boolean> {
  const environment = readEnvironment();
  if (!environment.SECRET_KEY || !environment.DATABASE_URL) return true;
  try {
    const { resealed } = await inAppContext(loadConfig(environment), factors.reseal);
    if (resealed > 0) console.log(`Encrypted ${resealed} factors by the present key`);
    return true;
  } catch (error) {
    console.error(`The factors could not be encrypted by the present key: ${String(errorSentence(error))}`);
    return false;
  }
}

function keysConfig(): KeysConfig {
  const config = loadKeysConfig(readEnvironment());
  if (config.keys_directory === '') throw new CommandError('Set KEYS_DIRECTORY to the directory for the keys');
  return config;
}

/** The keys in the order in which they sign; none if the directory is missing or empty. */
function readDirectory(config: KeysConfig): KeyFile[] {
  const { keys, problems } = readKeyFilesSync(config.keys_directory, config);
  const wrong = problems.filter((problem) => !problem.startsWith('has no keys'));
  if (wrong.length > 0)
    throw new CommandError(wrong.map((problem) => `${config.keys_directory} ${problem}`).join('\n'));
  return schedule(config, keys);
}

function schedule(config: KeysConfig, keys: readonly KeyFile[]): Scheduled<KeyFile>[] {
  return scheduleKeys(keys, { token_life_seconds: longestTokenLife(config) });
}

/** Everything but the key itself. */
function describe(key: Scheduled<KeyFile>, now: Date): Record<string, unknown> {
  const { kid, algorithm, created_at, signs_from, signs_until = null, retires_at = null, file } = key;
  return { kid, algorithm, state: stateOf(key, now), created_at, signs_from, signs_until, retires_at, file };
}

function row(key: Scheduled<KeyFile>, now: Date): string[] {
  return [key.kid, key.algorithm, sentenceOf(key, now), key.file];
}

type State = 'announced' | 'signs' | 'verifies' | 'retired';

function stateOf(key: Scheduled<KeyFile>, now: Date): State {
  if (key.signs_from > now) return 'announced';
  if (key.signs_until === undefined || key.signs_until > now) return 'signs';
  return isVerifying(key, now) ? 'verifies' : 'retired';
}

function sentenceOf(key: Scheduled<KeyFile>, now: Date): string {
  const sentences: Record<State, string> = {
    announced: `announced, signs from ${instant(key.signs_from)}`,
    signs: key.signs_until === undefined ? 'signs' : `signs until ${instant(key.signs_until)}`,
    verifies: `verifies until ${instant(key.retires_at)}`,
    retired: 'retired; rotate removes it',
  };
  return sentences[stateOf(key, now)];
}

function instant(time: Date | undefined): string {
  return time === undefined ? '' : `${time.toISOString().slice(0, 19)}Z`;
}
