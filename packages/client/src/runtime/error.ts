import type { ErrorCode, Problem } from './contract.ts';

/** A request that failed: the API refused it, or nothing of the API answered. */
export class ApiError extends Error {
  /** The API's code; `network_error` without an answer, `unexpected_answer` if something before the API answered. */
  readonly code: ErrorCode | 'network_error' | 'unexpected_answer';
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** A sentence for people. */
  readonly detail: string;
  /** Names the request in the API's log. */
  readonly request_id: string | undefined;
  /** Seconds to wait before the next try, if the answer names them. */
  readonly retryAfter: number | undefined;
  /** The whole body: `errors` of a form, `mfa_token`, `methods`. */
  readonly problem: Partial<Problem>;

  constructor(problem: Partial<Problem>, answer?: Response, options?: { cause: unknown }) {
    const { code, status = answer?.status ?? 0, detail } = problem;
    const fallback = answer === undefined ? 'network_error' : 'unexpected_answer';
    super(detail ?? (answer === undefined ? 'The API cannot be reached' : `Unexpected answer ${status}`), options);
    this.name = 'ApiError';
    // A newer API may send a code that this file does not know.
    this.code = (code as ErrorCode | undefined) ?? fallback;
    this.status = status;
    this.detail = this.message;
    this.request_id = problem.request_id ?? answer?.headers.get('x-request-id') ?? undefined;
    this.retryAfter = answer && secondsToWait(answer);
    this.problem = problem;
  }

  /** The messages of a form by the name of their field. */
  get fields(): Record<string, string> {
    const { errors = [] } = this.problem;
    return Object.fromEntries(errors.map(({ loc, msg }) => [loc.slice(1).join('.'), msg]));
  }
}

/** The error that an answer says; it reads a copy of the body. */
export async function errorOf(answer: Response): Promise<ApiError> {
  // A proxy before the API answers HTML.
  const problem = await answer
    .clone()
    .json()
    .catch(() => undefined);
  return new ApiError(typeof problem === 'object' && problem !== null ? problem : {}, answer);
}

/** `Retry-After`, in seconds or as a date (RFC 9110 §10.2.3). */
export function secondsToWait({ headers }: Response): number | undefined {
  const value = headers.get('retry-after');
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
