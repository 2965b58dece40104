import { loadConfig, readEnvironment } from '../../app/config.ts';
import type { RequestContext } from '../../app/context.ts';
import type { User } from '../../app/models/auth/users.ts';
import * as users from '../../app/services/admin/users.ts';
import { isId } from '../../app/utils/ids.ts';
import { inAppContext } from '../context.ts';

/** Runs `work` with the configured services. */
export function withContext<T>(work: (ctx: RequestContext) => Promise<T>): Promise<T> {
  return inAppContext(loadConfig(readEnvironment()), work);
}

/** The user whom an address or an id names, or throws user_not_found. */
export function findUser(ctx: RequestContext, name: string): Promise<User> {
  return isId(name) ? users.get(ctx, name) : users.getByEmail(ctx, name);
}
