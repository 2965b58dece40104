import { product } from '../../product.ts';
import { ERROR_CODES, type ErrorCodeName, problemType } from '../../utils/error-codes.ts';
import type { AppError, FieldError } from '../../utils/errors.ts';

/** A problem of RFC 9457, with FastAPI's `detail`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCodeName;
  request_id: string;
  errors?: FieldError[];
}

const REALM = `Bearer realm="${product.slug}"`;
/** Refusals of a sent token. Without a token the challenge has no `error` (RFC 6750 §3.1). */
const TOKEN_REFUSALS = new Set<ErrorCodeName>([
  'token_invalid',
  'token_expired',
  'session_ended',
  'refresh_token_reused',
  'mfa_token_invalid',
]);
/** The body of an answer that refuses or fails. */
export function toProblem(error: AppError, request_id: string, errors = error.errors): Problem {
  const { code, status, message: detail } = error;
  const { title } = ERROR_CODES[code];
  return {
    type: problemType(code),
    title,
    status,
    detail,
    code,
    request_id,
    ...(errors && { errors }),
    ...error.members,
  };
}

/** The challenge of a 401 (RFC 6750 §3). */
export function challenge({ code, message }: AppError): string {
  return TOKEN_REFUSALS.has(code) ? `${REALM}, error="invalid_token", error_description="${message}"` : REALM;
}
