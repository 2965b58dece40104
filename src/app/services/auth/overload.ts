import { AppError } from '../../utils/errors.ts';

const RETRY_AFTER_SECONDS = 5;

/** The refusal of a password proof for which this process has no capacity left. */
export function tooManyPasswords(): AppError {
  return new AppError('service_unavailable', {
    detail: 'Too many passwords to check at once; try again shortly',
    retry_after: RETRY_AFTER_SECONDS,
  });
}
