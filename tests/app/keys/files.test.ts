import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/app/config.ts';
import { ALGORITHMS } from '../../../src/app/keys/algorithms.ts';
import { isReadableByOthers, readKeyFiles, readKeyFilesSync } from '../../../src/app/keys/files.ts';
import { SECRET_KEY } from '../../helpers/api.ts';
import { addKey, newKeysDirectory } from '../../helpers/keys.ts';

const ALLOWED = { allow_rs256: true };

function directoryWith(jwk: Record<string, unknown> | string): string {
  const directory = newKeysDirectory();
  writeFileSync(join(directory, 'key.json'), typeof jwk === 'string' ? jwk : JSON.stringify(jwk));
  return directory;
}

function jwkOf({ privateKey }: { privateKey: KeyObject }, alg: string): Record<string, unknown> {
  return { ...privateKey.export({ format: 'jwk' }), alg, nbf: 1 };
}

const secret = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, n) => n)).toString('base64url');

describe('a new key', () => {
  it.each(ALGORITHMS)('for %s is read as it was written, by its owner only', async (algorithm) => {
    const directory = newKeysDirectory();
    const made = addKey(directory, algorithm, 60_000);
    expect(statSync(join(directory, made.file)).mode & 0o777).toBe(0o600);
    const { keys, problems } = await readKeyFiles(directory, ALLOWED);
    expect(problems).toEqual([]);
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ file: made.file, kid: made.kid, algorithm });
    expect(keys[0]?.key.equals(made.key)).toBe(true);
    expect(readKeyFilesSync(directory, ALLOWED).keys[0]?.kid).toBe(made.kid);
    expect(isReadableByOthers(directory, made)).toBe(false);
    chmodSync(join(directory, made.file), 0o640);
    expect(isReadableByOthers(directory, made)).toBe(true);
  });
});

describe('a keys directory', () => {
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const rsa2048 = generateKeyPairSync('rsa', { modulusLength: 2048 });
  it.each([
    ['is not a JSON Web Key', '-----BEGIN PRIVATE KEY-----'],
    ['is not a JSON Web Key', 'null'],
    ['must name its algorithm', { kty: 'oct', k: secret(64), nbf: 1 }],
    ['must name its algorithm', { kty: 'oct', k: secret(64), alg: 'none', nbf: 1 }],
    ['must be at least 32 bytes long for HS256', { kty: 'oct', k: secret(31), alg: 'HS256', nbf: 1 }],
    ['must be at least 64 bytes long for HS512', { kty: 'oct', k: secret(63), alg: 'HS512', nbf: 1 }],
    ['fewer than 10 different', { kty: 'oct', k: 'A'.repeat(86), alg: 'HS256', nbf: 1 }],
    ['must be a prime256v1 key for ES256', jwkOf(p384, 'ES256')],
    ['must be an Ed25519 key for EdDSA', jwkOf(p384, 'EdDSA')],
    ['must be an RSA key of at least 3072 bits for PS256', jwkOf(rsa2048, 'PS256')],
    ['must be an RSA key of at least 3072 bits for RS256', jwkOf(rsa2048, 'RS256')],
    ['holds no shared secret for HS256', jwkOf(p384, 'HS256')],
    ['holds no private key for ES384', { ...p384.publicKey.export({ format: 'jwk' }), alg: 'ES384', nbf: 1 }],
    ['holds no private key for ES256', { kty: 'oct', k: secret(64), alg: 'ES256', nbf: 1 }],
    ['is not for signatures', { kty: 'oct', k: secret(64), alg: 'HS256', use: 'enc', nbf: 1 }],
    ['must say from when it signs', { kty: 'oct', k: secret(64), alg: 'HS256' }],
    ['has a "kid" that', { kty: 'oct', k: secret(64), alg: 'HS256', nbf: 1, kid: 'a\nb' }],
  ])('refuses to start with a key that %s, and never repeats it', (problem, jwk) => {
    const KEYS_DIRECTORY = directoryWith(jwk);
    let message = '';
    try {
      loadConfig({ SECRET_KEY, KEYS_DIRECTORY, ALLOW_RS256: 'true' });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(`KEYS_DIRECTORY has key.json, which`);
    expect(message).toContain(problem);
    const parts = typeof jwk === 'string' ? [] : [jwk.k, jwk.d].filter((part) => part !== undefined);
    for (const part of parts) expect(message).not.toContain(part);
  });

  it('refuses to start where it is missing or empty, and passes over what is no key file', () => {
    const directory = newKeysDirectory();
    const start = (KEYS_DIRECTORY: string) => () => loadConfig({ SECRET_KEY, KEYS_DIRECTORY });
    expect(start(join(directory, 'missing'))).toThrow('KEYS_DIRECTORY has no keys; make one with');
    writeFileSync(join(directory, '.draft.json'), '{');
    writeFileSync(join(directory, 'README'), 'keys');
    expect(start(directory)).toThrow('KEYS_DIRECTORY has no keys; make one with');
    addKey(directory, 'HS256', 0);
    expect(start(directory)).not.toThrow();
  });

  it("takes a key of another tool under the other tool's name for it", () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kid = '3b7c4f0e-6a7d-4c57-9d0f-2f6f3f0b9c11';
    const members = { kid, use: 'sig', key_ops: ['sign', 'verify'], ext: true };
    const { keys, problems } = readKeyFilesSync(directoryWith({ ...jwkOf(pair, 'ES256'), ...members }), ALLOWED);
    expect(problems).toEqual([]);
    expect(keys[0]).toMatchObject({ kid, algorithm: 'ES256', signs_from: new Date(1000), created_at: new Date(1000) });
  });

  it('names every wrong file, and two of the same kid', () => {
    const directory = directoryWith({ kty: 'oct', k: secret(64), alg: 'HS256', nbf: 1, kid: 'same' });
    writeFileSync(
      join(directory, 'other.json'),
      JSON.stringify({ kty: 'oct', k: secret(65), alg: 'HS256', nbf: 1, kid: 'same' }),
    );
    writeFileSync(join(directory, 'x.json'), '');
    expect(readKeyFilesSync(directory, ALLOWED).problems).toEqual([
      'has other.json, which has the kid same, as another file has',
      'has x.json, which is not a JSON Web Key',
    ]);
  });
});

describe('RS256', () => {
  const pem = generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const rs256 = { SECRET_KEY: String(pem), ALGORITHM: 'RS256' };

  it('is refused unless ALLOW_RS256 permits it, as ALGORITHM and in the directory', () => {
    expect(() => loadConfig(rs256)).toThrow(/ALGORITHM is RS256, which only ALLOW_RS256=true permits/);
    expect(loadConfig({ ...rs256, ALLOW_RS256: 'true' }).algorithm).toBe('RS256');
    const KEYS_DIRECTORY = newKeysDirectory();
    addKey(KEYS_DIRECTORY, 'RS256', 0);
    expect(() => loadConfig({ SECRET_KEY, KEYS_DIRECTORY })).toThrow(/is for RS256, which only ALLOW_RS256=true/);
  });

  it('is refused with less than 3072 bits', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    expect(() => loadConfig({ ...rs256, SECRET_KEY: String(short), ALLOW_RS256: 'true' })).toThrow(
      /at least 3072 bits/,
    );
  });
});
