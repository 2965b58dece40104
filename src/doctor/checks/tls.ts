import { type Finding, fail, ok, warn } from '../finding.ts';
import type { TlsObservation } from '../observation.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
const VERIFY = 'append to DATABASE_URL: ?sslmode=verify-full&sslrootcert=/path/to/ca.crt';

/** Whether others can read or redirect what goes to the database. */
export function checkTls(tls: TlsObservation, now: Date): Finding[] {
  if (tls.protocol === undefined) return [inClear(tls)];
  return [
    ok('tls', `On: ${tls.protocol}`),
    verification(tls),
    ...(tls.ssl_mode === 'prefer' || tls.ssl_mode === 'allow' ? [fallsBack(tls.ssl_mode)] : []),
    ...(tls.valid_to === undefined ? [] : [expiry(tls.valid_to, now)]),
  ];
}

function inClear({ is_local, is_private, ssl_mode }: TlsObservation): Finding {
  if (is_local) return ok('tls', 'Off, and not needed: the connection does not leave this machine');
  const sentence = `Off (sslmode=${ssl_mode}): passwords and data travel in clear`;
  const fix = 'turn TLS on at the server and take sslmode=disable out of DATABASE_URL';
  return is_private ? warn('tls', `${sentence}, though in a private network`, fix) : fail('tls', sentence, fix);
}

function verification({ ssl_mode, has_root, is_local }: TlsObservation): Finding {
  const check = 'tls_verification';
  if (ssl_mode === 'verify-full') return ok(check, 'The server’s certificate and name are verified');
  if (has_root) return ok(check, 'The server’s certificate is verified against sslrootcert, its name is not');
  if (ssl_mode === 'verify-ca')
    return warn(check, 'The server’s certificate is verified, its name is not: anybody’s certificate will do', VERIFY);
  if (is_local) return ok(check, 'The server is not verified, and is this machine');
  return warn(check, `The server is not verified (sslmode=${ssl_mode}): a machine in between can pose as it`, VERIFY);
}

function fallsBack(mode: string): Finding {
  return warn(
    'tls_fallback',
    `sslmode=${mode} continues unencrypted if the server, or a machine in between, refuses TLS`,
    VERIFY,
  );
}

function expiry(valid_to: Date, now: Date): Finding {
  const check = 'tls_expiry';
  const days = Math.floor((valid_to.getTime() - now.getTime()) / DAY_MS);
  const date = valid_to.toISOString().slice(0, 10);
  if (days < 0) return fail(check, `The server’s certificate expired on ${date}`, 'renew it at the server');
  if (days < SOON_DAYS)
    return warn(check, `The server’s certificate expires on ${date}, in ${days} days`, 'renew it at the server');
  return ok(check, `The server’s certificate is valid until ${date}`);
}
