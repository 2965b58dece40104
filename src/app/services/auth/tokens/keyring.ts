import { createSecretKey } from 'node:crypto';
import type { Config } from '../../../config.ts';
import type { Log } from '../../../core.ts';
import { isShared, keyId, privateKey } from '../../../keys/algorithms.ts';
import { type KeyFiles, readKeyFiles, readKeyFilesSync } from '../../../keys/files.ts';
import { isVerifying, longestTokenLife, type Scheduled, scheduleKeys } from '../../../keys/schedule.ts';
import { type SigningKey, signingKey } from './signing-keys.ts';
import { isForSupabase } from './supabase-claims.ts';

/** The keys at a given time: `SECRET_KEY`, its predecessors, and those of the keys directory. */
export interface Keyring {
  /** The key that signs at this time. */
  signingAt: (time: Date) => SigningKey;
  /** The keys whose tokens are valid at this time, the signing key first. Includes announced keys, so that verifiers learn them in time. */
  verifyingAt: (time: Date) => readonly SigningKey[];
  /** The same keys with their times, for people. Only those of the keys directory have any. */
  scheduleAt: (time: Date) => readonly KeyTimes[];
  /** The secret of a row of one-time tokens by its key's id, also of a key that is retired as long as it is there. */
  findOneTimeKey: (id: string) => Buffer | undefined;
  /** The same for the secrets of authenticator apps. */
  findSealingKey: (id: string) => Buffer | undefined;
  /** Reads the directory again. An unusable directory is logged and changes nothing. */
  reread: () => Promise<void>;
  /** Ends the rereading. */
  close: () => void;
}

/** When a key signs and how long its tokens are good; `undefined` for a time that is not set. */
export interface KeyTimes {
  key: SigningKey;
  signs_from: Date | undefined;
  signs_until: Date | undefined;
  retires_at: Date | undefined;
}

interface Entry {
  signing: SigningKey;
  signs_from: Date;
}

const REREAD_MS = 5000;
const BEGINNING = new Date(0);

/** Reads the keys, and those of a directory again every few seconds. */
export function createKeyring(config: Config, log: Pick<Log, 'info' | 'error'>): Keyring {
  const { keys_directory: directory } = config;
  const previous = config.previous_secret_keys.reveal().map((text) => keyOfText(text, config));
  // Signs until the first key of the directory does.
  const secret: Entry = { signing: keyOfText(config.secret_key.reveal(), config), signs_from: BEGINNING };
  const ringOf = ({ keys }: KeyFiles): Scheduled<Entry>[] => {
    const entries = keys.map((key) => ({ signing: signingKey(key), signs_from: key.signs_from }));
    return scheduleKeys([secret, ...entries], { token_life_seconds: longestTokenLife(config) });
  };
  let files = directory === '' ? { keys: [], problems: [] } : readKeyFilesSync(directory, config);
  let ring = ringOf(files);
  let said = '';

  const reread = async (): Promise<void> => {
    const read = await readKeyFiles(directory, config);
    const problems = read.problems.join('; ');
    if (problems !== '') {
      if (problems !== said)
        log.error({ event: 'keys.unreadable', problems }, 'the keys directory cannot be used as it is');
    } else if (fingerprint(read) !== fingerprint(files)) {
      files = read;
      ring = ringOf(read);
      log.info({ event: 'keys.changed', kids: read.keys.map(({ kid }) => kid) }, 'the keys directory has changed');
    }
    said = problems;
  };
  const timer = directory === '' ? undefined : setInterval(reread, REREAD_MS).unref();

  // Without a directory nothing changes with time.
  const fixed = directory === '' ? [secret.signing, ...previous] : undefined;
  const signingAt = (time: Date): SigningKey =>
    (ring.findLast(({ signs_from }) => signs_from <= time) ?? secret).signing;
  const findKnown = (id: string): SigningKey | undefined =>
    [...ring.map(({ signing }) => signing), ...previous].find(({ one_time }) => one_time.id === id);
  const verifyingAt = (time: Date): readonly SigningKey[] => {
    if (fixed) return fixed;
    const current = signingAt(time);
    const others = ring.filter((entry) => entry.signing !== current && isVerifying(entry, time));
    return [current, ...others.map(({ signing }) => signing), ...previous];
  };
  const timesOf = (key: SigningKey): KeyTimes => {
    const { signs_from, signs_until, retires_at } = ring.find(({ signing }) => signing === key) ?? {};
    return { key, signs_from: signs_from === BEGINNING ? undefined : signs_from, signs_until, retires_at };
  };
  return {
    signingAt: (time) => (fixed ? secret.signing : signingAt(time)),
    verifyingAt,
    scheduleAt: (time) => verifyingAt(time).map(timesOf),
    findOneTimeKey: (id) => findKnown(id)?.one_time.secret,
    findSealingKey: (id) => findKnown(id)?.sealing,
    reread,
    close: () => clearInterval(timer),
  };
}

/** A key of the environment. Supabase refuses an unknown `kid`, and has none for its own secret. */
function keyOfText(text: string, config: Config): SigningKey {
  const { algorithm } = config;
  const key = isShared(algorithm) ? createSecretKey(Buffer.from(text)) : privateKey(text);
  const kid = isShared(algorithm) && isForSupabase(config) ? undefined : keyId(key);
  return signingKey({ algorithm, key, kid });
}

function fingerprint({ keys }: KeyFiles): string {
  return keys.map(({ kid, key, signs_from }) => `${kid} ${keyId(key)} ${signs_from.getTime()}`).join();
}
