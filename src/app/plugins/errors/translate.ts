import type { FastifyError } from 'fastify';
import type { ErrorCodeName } from '../../utils/error-codes.ts';
import { AppError } from '../../utils/errors.ts';
import { validationErrors } from './field-errors.ts';

/** Fastify's own refusals. */
const FRAMEWORK_CODES: Record<string, ErrorCodeName> = {
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_request',
  FST_ERR_HANDLER_TIMEOUT: 'service_unavailable',
};

/** Refusals of the static file server: paths outside its folder, conditions and ranges (RFC 9110 §13, §14). */
const FILE_CODES: Record<number, ErrorCodeName> = {
  403: 'route_not_found',
  412: 'precondition_failed',
  416: 'range_not_satisfiable',
};

/** The refusal that an error of Fastify means; `undefined` if it is none. */
export function toAppError(error: FastifyError | AppError): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error.validation) {
    const errors = validationErrors(error.validation, error.validationContext);
    return new AppError('validation_failed', { errors });
  }
  // The client disconnected in the middle of its body. An error of our own sockets has `syscall`.
  if (error.code === 'ECONNRESET' && !('syscall' in error)) return new AppError('malformed_request', { cause: error });
  const code =
    FRAMEWORK_CODES[error.code ?? ''] ??
    FILE_CODES[error.statusCode ?? 0] ??
    (isRefusal(error) ? 'malformed_request' : undefined);
  return code && new AppError(code, { cause: error });
}

/** True if Fastify blames the client, also for a reason of a newer version that the table does not list. */
function isRefusal({ code, statusCode = 500 }: FastifyError): boolean {
  return code?.startsWith('FST_') === true && statusCode >= 400 && statusCode < 500;
}
