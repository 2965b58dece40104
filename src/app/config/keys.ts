import { ALGORITHMS, type Algorithm, keyTextProblem } from '../keys/algorithms.ts';
import { readKeyFilesSync } from '../keys/files.ts';
import { Secret } from '../utils/secret.ts';
import { boolean, list, oneOf, setting } from './settings.ts';

/** The settings of the keys beside SECRET_KEY; part of SETTINGS. */
export const KEY_SETTINGS = {
  PREVIOUS_SECRET_KEYS: setting({
    section: 'Tokens',
    default: '',
    secret: true,
    purpose:
      'Keys that signed before SECRET_KEY, comma-separated; their tokens stay valid until they expire, and they sign no new ones',
    parse: (text) => new Secret(list(text)),
  }),
  KEYS_DIRECTORY: setting({
    section: 'Tokens',
    default: '',
    purpose:
      'Directory of the keys that `back keys` makes, read again every few seconds, so that a rotation needs no restart. SECRET_KEY signs until the first of them takes over',
    parse: (text) => text,
  }),
  ALGORITHM: setting({
    section: 'Tokens',
    default: 'HS256',
    purpose: `Signature algorithm: ${ALGORITHMS.join(', ')} (the last only with ALLOW_RS256)`,
    parse: oneOf(...ALGORITHMS),
  }),
  ALLOW_RS256: setting({
    section: 'Tokens',
    default: 'false',
    purpose:
      'Accept RS256 keys, for verifiers that support nothing newer; its padding is the weakest of these algorithms',
    parse: boolean,
  }),
};

/** The settings that the keys depend on; a setting that could not be read is missing. */
interface KeyValues {
  secret_key?: Secret<string>;
  previous_secret_keys?: Secret<readonly string[]>;
  algorithm?: Algorithm;
  keys_directory?: string;
  allow_rs256?: boolean;
}

/** Every key that is missing, weak, or not of its algorithm, one sentence each; no sentence repeats a key. */
export function* keyProblems(config: KeyValues): Generator<string> {
  const { secret_key, previous_secret_keys, algorithm, keys_directory, allow_rs256 = false } = config;
  const flaw = secret_key && flawOf(secret_key.reveal(), algorithm);
  if (flaw) yield `SECRET_KEY ${flaw}`;
  for (const previous of previous_secret_keys?.reveal() ?? []) {
    const flaw = flawOf(previous, algorithm);
    if (flaw) yield `PREVIOUS_SECRET_KEYS has a key that ${flaw}`;
  }
  if (algorithm === 'RS256' && !allow_rs256) {
    yield 'ALGORITHM is RS256, which only ALLOW_RS256=true permits; prefer PS256, ES256 or EdDSA';
  }
  if (keys_directory) {
    for (const problem of readKeyFilesSync(keys_directory, { allow_rs256 }).problems) yield `KEYS_DIRECTORY ${problem}`;
  }
}

/** If ALGORITHM itself cannot be used, a shared secret must have the shortest length that any algorithm accepts. */
function flawOf(key: string, algorithm: Algorithm | undefined): string | undefined {
  if (algorithm === undefined && key.includes('-----BEGIN')) return undefined;
  return keyTextProblem(key, algorithm ?? 'HS256');
}
