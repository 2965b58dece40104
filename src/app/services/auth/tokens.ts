import type { Config } from '../../config.ts';
import type { Clock } from '../../core.ts';
import type { Role } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { isId, newId } from '../../utils/ids.ts';
import { authenticationClaims } from './authentication-methods.ts';
import type { Keyring } from './tokens/keyring.ts';
import { verifySignature } from './tokens/signature.ts';
import type { Claims, PublicJwk, TokenType } from './tokens/signing-keys.ts';
import { roleClaims, roleOf } from './tokens/supabase-claims.ts';

export type { PublicJwk } from './tokens/signing-keys.ts';

/** What `currentUser` learns from an access token; the rest comes from the session row. */
export interface AccessClaims extends Subject {
  /** The role at the time of signing. */
  role: Role | undefined;
}

interface Subject {
  user_id: string;
  session_id: string;
}

/** What an access token says. How and when its holder proved who they are comes from the session's row. */
export interface AccessSubject extends Subject {
  role: Role;
  authenticated_at?: Date;
  amr?: string;
}

export interface RefreshClaims extends Subject {
  counter: number;
}

/** Signs and verifies the two kinds of token (RFC 7519, RFC 8725); every failure is token_invalid or token_expired. */
export interface Tokens {
  signAccess: (subject: AccessSubject) => string;
  /** The same arguments give the same bytes, so that a repeated refresh needs no stored token. */
  signRefresh: (claims: RefreshClaims & { issued_at: Date; expires_at: Date }) => string;
  verifyAccess: (token: string) => AccessClaims;
  verifyRefresh: (token: string) => RefreshClaims;
  /** The public keys (RFC 7517 §5); empty under a shared secret. */
  jwks: () => { keys: PublicJwk[] };
}

/** Another replica's clock may be ahead of ours by this. An expiry gets no grace. */
const CLOCK_SKEW_SECONDS = 60;
/** PostgreSQL's integer, in which the session's row holds the counter. */
const MAX_COUNTER = 2 ** 31 - 1;

export function createTokens(config: Config, clock: Clock, keyring: Keyring): Tokens {
  const audience = { iss: config.jwt_issuer, aud: config.jwt_audience };
  const now = (): number => Math.floor(clock.now().getTime() / 1000);

  const accessOf = createAccessReader();

  const verify = (token: string, type: TokenType): Claims => {
    const claims = verifySignature(token, type, keyring.verifyingAt(clock.now()));
    if (claims.type !== type || claims.iss !== audience.iss || claims.aud !== audience.aud)
      throw new AppError('token_invalid');
    checkTimes(claims, now());
    return claims;
  };

  return {
    signAccess: ({ user_id, session_id, role, authenticated_at, amr }) => {
      const iat = now();
      const exp = iat + config.minutes_token_expire * 60;
      return keyring.signingAt(clock.now()).access.sign({
        sub: user_id,
        sid: session_id,
        type: 'access',
        ...roleClaims(config, role),
        ...authenticationClaims({ authenticated_at, amr }),
        ...audience,
        jti: newId(),
        iat,
        exp,
      });
    },
    signRefresh: ({ user_id, session_id, counter, issued_at, expires_at }) => {
      const [iat, exp] = [issued_at, expires_at].map((time) => Math.floor(time.getTime() / 1000));
      // The key of the issue time: a repeated refresh must give the same bytes, also after a change of keys.
      return keyring.signingAt(issued_at).refresh.sign({
        sub: user_id,
        sid: session_id,
        type: 'refresh',
        ctr: counter,
        ...audience,
        iat,
        exp,
      });
    },
    verifyAccess: (token) => accessOf(verify(token, 'access')),
    verifyRefresh: (token) => {
      const claims = verify(token, 'refresh');
      const counter = claims.ctr;
      if (typeof counter !== 'number' || !Number.isInteger(counter) || counter < 0 || counter > MAX_COUNTER)
        throw new AppError('token_invalid');
      return { ...subject(claims), counter };
    },
    jwks: () => ({ keys: keyring.verifyingAt(clock.now()).flatMap(({ public_jwk }) => public_jwk ?? []) }),
  };
}

/** The claims of a remembered token are the same object each time, which nothing changes: it is read once. */
function createAccessReader(): (claims: Claims) => AccessClaims {
  const read = new WeakMap<Claims, AccessClaims>();
  return (claims) => {
    const known = read.get(claims);
    if (known !== undefined) return known;
    const access = Object.freeze({ ...subject(claims), role: roleOf(claims) });
    read.set(claims, access);
    return access;
  };
}

function checkTimes({ exp, iat, nbf }: Claims, now: number): void {
  if (!isTime(exp) || !isTime(iat) || iat > now + CLOCK_SKEW_SECONDS) throw new AppError('token_invalid');
  if (nbf !== undefined && (!isTime(nbf) || nbf > now + CLOCK_SKEW_SECONDS)) throw new AppError('token_invalid');
  if (exp <= now) throw new AppError('token_expired');
}

function isTime(value: unknown): value is number {
  // The year 9999: beyond it a Date, and therefore a comparison, is unreliable.
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < 253_402_300_800;
}

function subject({ sub, sid }: Claims): Subject {
  if (!isId(sub) || !isId(sid)) throw new AppError('token_invalid');
  return { user_id: sub, session_id: sid };
}
