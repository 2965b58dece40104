import type { RequestContext } from '../../context.ts';
import type { Actor } from '../../core.ts';
import { inOrder } from '../../database.ts';
import type { Page, PageRequest } from '../../utils/pages.ts';
import * as sessions from '../auth/sessions.ts';
import * as users from './users.ts';

/** Any user's living sessions, for an administrator; throws user_not_found. */
export async function list(
  ctx: RequestContext,
  actor: Actor,
  request: PageRequest & { user_id: string },
): Promise<Page<sessions.SessionView>> {
  const [, page] = await inOrder([users.get(ctx, request.user_id), sessions.list(ctx, actor, request)]);
  return page;
}

/** Ends one session of any user; throws user_not_found or session_not_found. */
export async function end(ctx: RequestContext, session: { user_id: string; id: string }): Promise<void> {
  await users.get(ctx, session.user_id);
  await sessions.end(ctx, session);
}

/** Ends every session of any user, the caller's own included if the user is the caller; throws user_not_found. */
export async function endAll(ctx: RequestContext, user_id: string): Promise<void> {
  await users.get(ctx, user_id);
  await sessions.endAll(ctx, { user_id });
}
