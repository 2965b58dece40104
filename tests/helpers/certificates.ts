import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether this machine has openssl on its path. */
export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

/** A certificate that signs itself, and its key. */
export interface Certificate {
  cert: string;
  key: string;
  remove: () => void;
}

/** Makes a certificate for `127.0.0.1` and `localhost` with openssl, valid for the given days. */
export function makeCertificate(days: number): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'back-certificate-'));
  const [cert, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const making = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...making, '-days', String(days), '-keyout', key, '-out', cert, ...names], {
    stdio: 'ignore',
  });
  return { cert, key, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
