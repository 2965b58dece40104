import type { Config } from '../../../config.ts';
import type { Role } from '../../../models/auth/users.ts';

/** The audience, and the database role, that Supabase gives to everybody who is logged in. */
const AUTHENTICATED = 'authenticated';

/** True where the access tokens are meant for Supabase's REST, Realtime and Storage too: `JWT_AUDIENCE=authenticated`. */
export function isForSupabase({ jwt_audience }: Pick<Config, 'jwt_audience'>): boolean {
  return jwt_audience === AUTHENTICATED;
}

/** The claims that say what a user may do. PostgREST switches to the database role in `role`, so ours moves to `app_role`. */
export function roleClaims(
  config: Pick<Config, 'jwt_audience'>,
  role: Role,
): { role: string } | { role: string; app_role: Role } {
  return isForSupabase(config) ? { role: AUTHENTICATED, app_role: role } : { role };
}
