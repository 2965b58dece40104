import type { AppError } from '../../utils/errors.ts';

type OAuthError =
  | 'invalid_request'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable'
  | 'server_error';

/** The members that an OAuth client reads of a refusal of the token endpoint (RFC 6749 §5.2), beside those of the problem. */
export function oauthMembers(error: AppError): { error: OAuthError; error_description: string } {
  return { error: oauthError(error), error_description: error.message.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, ' ') };
}

function oauthError({ status, errors = [] }: AppError): OAuthError {
  if (errors.some(({ loc, type }) => loc.at(-1) === 'grant_type' && type === 'enum')) return 'unsupported_grant_type';
  if (status === 401 || status === 403) return 'invalid_grant';
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 ? 'server_error' : 'invalid_request';
}
