import { AppError } from '../../../utils/errors.ts';
import { type Claims, type SigningKey, TOKEN_TYP, type TokenKey, type TokenType } from './signing-keys.ts';

const MAX_TOKEN_LENGTH = 4096;
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

/** The claims of a token of this type that one of the keys signed; their values are not checked. Throws token_invalid. */
export function verifySignature(token: string, type: TokenType, keys: readonly SigningKey[]): Claims {
  if (token.length > MAX_TOKEN_LENGTH) throw new AppError('token_invalid');
  let cause: unknown;
  for (const key of keysOf(token.slice(0, token.indexOf('.')), type, keys)) {
    try {
      const claims = key.verify(token);
      if (isObject(claims)) return claims;
    } catch (error) {
      cause = error;
    }
  }
  throw new AppError('token_invalid', { cause });
}

/** The keys that may have signed, more than one only if the header names none. The header must be one that we write (RFC 8725 §3.1, §3.11). */
function keysOf(segment: string, type: TokenType, keys: readonly SigningKey[]): TokenKey[] {
  const writers = keys.map((key) => key[type]).filter(({ header_segment }) => header_segment === segment);
  if (writers.length > 0) return writers;
  const header = decodeHeader(segment);
  if (header.typ !== TOKEN_TYP[type] || !Object.keys(header).every((member) => HEADER_MEMBERS.has(member))) return [];
  return keys
    .filter(({ kid }) => header.kid === undefined || header.kid === kid)
    .map((key) => key[type])
    .filter(({ algorithm }) => algorithm === header.alg);
}

function decodeHeader(segment: string): Claims {
  try {
    const header: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString());
    if (isObject(header)) return header;
  } catch (cause) {
    throw new AppError('token_invalid', { cause });
  }
  throw new AppError('token_invalid');
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
