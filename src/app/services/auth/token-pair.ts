import type { AppContext } from '../../context.ts';
import type { SessionLineage } from '../../models/auth/sessions.ts';
import type { Role } from '../../models/auth/users.ts';
import { reachOf } from './second-factor.ts';

/** What every way in answers with. */
export interface TokenPair {
  access_token: string;
  refresh_token: string;
  token_type: 'bearer';
  expires_in: number;
}

/** The tokens of the session as its row is now. The same row gives the same refresh token, byte for byte. */
export function tokenPair(ctx: Pick<AppContext, 'config' | 'tokens'>, session: SessionLineage, role: Role): TokenPair {
  const { id: session_id, user_id, counter, refreshed_at: issued_at, authenticated_at, amr } = session;
  // Who reads the token elsewhere trusts its role as this API trusts the session's.
  const reach = reachOf(ctx.config, { role, amr });
  const idleEnd = issued_at.getTime() + ctx.config.days_refresh_token_expire * 86_400_000;
  const expires_at = new Date(Math.min(idleEnd, session.expires_at.getTime()));
  return {
    access_token: ctx.tokens.signAccess({ user_id, session_id, role: reach, authenticated_at, amr }),
    refresh_token: ctx.tokens.signRefresh({ user_id, session_id, counter, issued_at, expires_at }),
    token_type: 'bearer',
    expires_in: ctx.config.minutes_token_expire * 60,
  };
}
