import { ERROR_CODES, type ErrorCodeName } from './error-codes.ts';

/** One refused value of a request, in FastAPI's shape: `loc` leads to the value, `type` names the broken rule. */
export interface FieldError {
  loc: (string | number)[];
  msg: string;
  type: string;
}

export interface AppErrorOptions {
  /** Replaces the code's message in `detail`; sent to the client. */
  detail?: string;
  /** The input field that is refused. The HTTP edge adds the part of the request that it came in. */
  field?: string;
  /** What is wrong with the field, if that is not the detail and the code. */
  rule?: { msg: string; type: string };
  /** For the HTTP edge, which refuses a request before a service reads it. */
  errors?: FieldError[];
  /** Further members of the problem (RFC 9457 §3.2), such as the token to go on with; sent to the client. */
  members?: Readonly<Record<string, unknown>>;
  /** Seconds until a new try makes sense (RFC 9110 §10.2.3). */
  retry_after?: number;
  /** The failure behind the error; only the log has it. */
  cause?: unknown;
}

/**
 * The only error that services throw: a code of the table, which fixes status, title and message.
 * `throw new AppError('password_too_short', { field: 'password' })`
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCodeName;
  readonly status: number;
  readonly field: { name: string; msg: string; type: string } | undefined;
  readonly errors: FieldError[] | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;
  readonly retry_after: number | undefined;

  constructor(code: ErrorCodeName, { detail, field, rule, errors, members, retry_after, cause }: AppErrorOptions = {}) {
    super(detail ?? ERROR_CODES[code].message, { cause });
    this.code = code;
    this.status = ERROR_CODES[code].status;
    this.field = field === undefined ? undefined : { name: field, ...(rule ?? { msg: this.message, type: code }) };
    this.errors = errors;
    this.members = members;
    this.retry_after = retry_after;
  }
}
