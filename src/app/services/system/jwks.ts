import type { AppContext } from '../../context.ts';
import type { PublicJwk } from '../auth/tokens.ts';

/** The public keys that verify access tokens (RFC 7517 §5); an empty set under a shared secret. */
export function get(ctx: AppContext): { keys: PublicJwk[] } {
  return ctx.tokens.jwks();
}
