import type { FastifyRequest, RouteOptions } from 'fastify';
import { type Claim, claimedUser, claimOf, requireRole } from '../dependencies.ts';

/**
 * Lets the session check and the statements of a read travel together: the handler begins with what the access token says
 * of its user, and its answer counts only if the check confirms that. A handler that asks for more of the user than `id` and
 * `role` runs again after the check. Until then the pool holds back whatever is no read (see Trace.confirmed). If work waits
 * for a connection, the handler begins after the check.
 */
export function readEarly(route: RouteOptions, auth: 'user' | 'admin'): void {
  const { handler } = route;
  route.onRequest = [claimedUser, ...[route.onRequest ?? []].flat()];
  // The check of the session comes first; see `answer`.
  route.attachValidation = true;
  route.handler = function (request, reply) {
    const claim = claimOf(request);
    const run = (): unknown => handler.call(this, request, reply);
    if (claim !== undefined) return answer({ request, claim, auth, run });
    if (request.validationError) throw request.validationError;
    return run();
  };
}

/** True for a read that leaves its reply alone. */
export function canReadEarly({ method, handler }: RouteOptions): boolean {
  const [first, ...others] = [method].flat();
  return first === 'GET' && others.length === 0 && handler.length < 2;
}

interface EarlyRead {
  request: FastifyRequest;
  claim: Claim;
  auth: 'user' | 'admin';
  run: () => unknown;
}

async function answer({ request, claim, auth, run }: EarlyRead): Promise<unknown> {
  const isOfRole = auth === 'user' || claim.role === 'admin';
  const early = claim.may_read_early && isOfRole && !request.validationError ? begun(run) : undefined;
  const actor = await claim.identity;
  claim.user.confirmed = actor.user;
  request.actor = actor;
  // From here on the pool has nothing to hold back.
  if (request.trace !== undefined) request.trace.confirmed = undefined;
  if (auth === 'admin') await requireRole('admin')(request);
  if (request.validationError) throw request.validationError;
  if (early === undefined || actor.user.role !== claim.role || actor.withheld_role !== undefined) return run();
  try {
    const value = await early;
    return value === claim.user.view ? actor.user : value;
  } catch (error) {
    if (!claim.user.isAskedForMore) throw error;
    return run();
  }
}

/** The handler's answer, which is awaited after the check alone, and never if that fails. */
function begun(run: () => unknown): Promise<unknown> {
  try {
    const early = run();
    if (!(early instanceof Promise)) return Promise.resolve(early);
    early.catch(ignore);
    return early;
  } catch (error) {
    const failed = Promise.reject(error);
    failed.catch(ignore);
    return failed;
  }
}

function ignore(): void {}
