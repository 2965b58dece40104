import { ERROR_CODES, type ErrorCodeName } from './error-codes.ts';

/** One problem with one field, in FastAPI's shape: `loc` leads to the value, `type` names the broken rule. */
export interface FieldError {
  loc: (string | number)[];
  msg: string;
  type: string;
}

export interface AppErrorOptions {
  /** Replaces the code's message in `detail`; sent to the client. */
  detail?: string;
  errors?: FieldError[];
  /** Seconds after which a new try makes sense (RFC 9110 §10.2.3). */
  retry_after?: number;
  /** What really happened; goes to the log only. */
  cause?: unknown;
}

/** The only error that services throw: a code of the table, which fixes status, title and message. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCodeName;
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly retry_after: number | undefined;

  constructor(code: ErrorCodeName, options: AppErrorOptions = {}) {
    super(options.detail ?? ERROR_CODES[code].message, { cause: options.cause });
    this.code = code;
    this.status = ERROR_CODES[code].status;
    this.errors = options.errors;
    this.retry_after = options.retry_after;
  }
}

/** An AppError about one field of the request body. */
export function bodyError(code: ErrorCodeName, field: string, detail: string = ERROR_CODES[code].message): AppError {
  return new AppError(code, { detail, errors: [{ loc: ['body', field], msg: detail, type: code }] });
}
