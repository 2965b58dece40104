import 'fastify';
import type { AppContext, RequestContext } from './context.ts';
import type { Actor } from './core.ts';
import type { Trace } from './observability/trace.ts';
import type { ErrorCodeName } from './utils/error-codes.ts';

/** Who may call a route: anybody, anybody logged in, administrators. */
export type Auth = 'public' | 'user' | 'admin';

declare module 'fastify' {
  interface FastifyInstance {
    ctx: AppContext;
  }

  interface FastifyRequest {
    ctx: RequestContext;
    /** What the request has asked of the database, and its span. Absent where the request could not even be routed. */
    trace: Trace | undefined;
    /** Who calls; reading it on a public route throws. */
    actor: Actor;
  }

  interface FastifyContextConfig {
    auth: Auth;
    /** Codes that the handler's services throw; they go into the API description. */
    errors?: readonly ErrorCodeName[];
  }
}
