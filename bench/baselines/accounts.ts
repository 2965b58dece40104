import { createSigner, createVerifier } from 'fast-jwt';
import { uuidv7 } from 'uuidv7';

/** What the baselines know of a token: the same claims that the application writes. */
export interface TokenClaims {
  sub: string;
  sid: string;
  role: string;
  ctr: number;
}

const AUDIENCE = { iss: 'back-api', aud: 'back-api' };
const HOUR_SECONDS = 3600;
const WEEK_SECONDS = 7 * 24 * HOUR_SECONDS;

const key = required('SECRET_KEY');
const algorithm = 'HS256';
const signAccess = createSigner({ key, algorithm, header: { alg: algorithm, typ: 'at+jwt' } });
const signRefresh = createSigner({ key, algorithm, header: { alg: algorithm, typ: 'refresh+jwt' } });
const verify = createVerifier({ key, algorithms: [algorithm], allowedIss: 'back-api', allowedAud: 'back-api' });

/** The claims of a valid token of one type; throws otherwise. */
export function verifyToken(token: string, type: 'access' | 'refresh'): TokenClaims {
  const claims: TokenClaims & { type: string } = verify(token);
  if (claims.type !== type) throw new Error(`not an ${type} token`);
  return claims;
}

/** A pair of tokens in the application's wire form. */
export function tokenPair({ sub, sid, role, ctr }: TokenClaims): Record<string, unknown> {
  const iat = Math.floor(Date.now() / 1000);
  const access = { sub, sid, type: 'access', role, ...AUDIENCE, jti: uuidv7(), iat, exp: iat + HOUR_SECONDS };
  const refresh = { sub, sid, type: 'refresh', ctr, ...AUDIENCE, iat, exp: iat + WEEK_SECONDS };
  return {
    access_token: signAccess(access),
    refresh_token: signRefresh(refresh),
    token_type: 'bearer',
    expires_in: HOUR_SECONDS,
  };
}

/** An environment variable that the harness always sets. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
