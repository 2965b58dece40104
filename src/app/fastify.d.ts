import type { FastifyRequest } from 'fastify';
import type { AppContext, RequestContext } from './context.ts';
import type { Actor } from './core.ts';
import type { Trace } from './observability/trace.ts';
import type { RowService } from './services/admin/rows.ts';
import type { ErrorCodeName } from './utils/error-codes.ts';
import type { AppError, FieldError } from './utils/errors.ts';
import type { RateText } from './utils/rates.ts';

/** Who may call a route: everyone, authenticated users, administrators. */
export type Auth = 'public' | 'user' | 'admin';

/** Writes a refusal as a page, with headers of its own; `undefined` leaves it to be problem+json. */
type RefusalPage = (
  request: FastifyRequest,
  error: AppError,
  fields: readonly FieldError[],
) => { html: string; headers?: Readonly<Record<string, string>> } | undefined;

declare module 'fastify' {
  interface FastifyInstance {
    ctx: AppContext;
    /** Tells a person a refusal of a route that a link of another site opened; absent without the account pages. */
    refusedNavigation?: RefusalPage;
  }

  interface FastifyRequest {
    ctx: RequestContext;
    /** The request's database usage and its span. Absent if the request could not be routed. */
    trace: Trace | undefined;
    /** The refresh token of the session's cookie, on a route with `sessionCookie` whose caller brings nothing else. */
    sessionCookie: string | undefined;
    /** The sealed flows in the browser's cookie, the newest first. */
    flows: () => readonly string[];
    /** Throws cross_site_request if a page of a site that is none of ours sent the browser here. */
    requireOwnPage: () => void;
    /** The caller; reading it on a public route throws. */
    actor: Actor;
  }

  interface FastifyReply {
    /** Gives the browser a sealed flow to keep, beside those of its other tabs. */
    keepFlow: (flow: string) => FastifyReply;
    /** Takes it away. */
    dropFlow: (flow: string) => FastifyReply;
  }

  interface FastifyContextConfig {
    auth: Auth;
    /** The codes that the handler's services throw, for the API description. */
    errors?: readonly ErrorCodeName[];
    /** How often one user may call the route, or one network if it is public: `20/1h`. */
    limit?: RateText;
    /** True for a route that wants a proof of the last five minutes (see reauthentication.ts). */
    fresh?: true;
    /** True for a route that reads the cookie of the session too. */
    sessionCookie?: true;
    /** True for a route that the token of mfa_enrollment_required opens too. */
    enrollment?: true;
    /** True for a write that the limit of the account must not refuse, since it takes access away. */
    uncounted?: boolean;
    /** True for OAuth2's token endpoint: its refusals also have `error` and `error_description` (RFC 6749 §5.2). */
    oauth?: true;
    /** On the route of a list of yours: false keeps the table out of the console; names are the columns that its list shows there. */
    console?: false | readonly string[];
    /** On a route that writes a row of a list: its service, by which the console does the same and records it. */
    writes?: RowService;
    /** Writes a refusal as a page in place of problem+json, for a form that a person posted. */
    refusalPage?: RefusalPage;
  }
}
