import type { Config } from '../../../config.ts';
import { ROLES, type Role } from '../../../models/auth/users.ts';
import type { Claims } from './signing-keys.ts';

/** The audience and the database role that Supabase gives to every authenticated user. */
const AUTHENTICATED = 'authenticated';

/** True if Supabase's REST, Realtime and Storage accept the access tokens as well: `JWT_AUDIENCE=authenticated`. */
export function isForSupabase({ jwt_audience }: Pick<Config, 'jwt_audience'>): boolean {
  return jwt_audience === AUTHENTICATED;
}

/** The claims of a user's role. PostgREST switches to the database role in `role`, so ours moves to `app_role`. */
export function roleClaims(
  config: Pick<Config, 'jwt_audience'>,
  role: Role,
): { role: string } | { role: string; app_role: Role } {
  return isForSupabase(config) ? { role: AUTHENTICATED, app_role: role } : { role };
}

/** The user's role in verified claims. */
export function roleOf({ role, app_role = role }: Claims): Role | undefined {
  return ROLES.find((known) => known === app_role);
}
