import { productErrorCodes } from '../product.ts';

/** One row of the error table. Codes are part of the API and never change. */
interface ErrorCode {
  status: number;
  title: string;
  /** The default `detail` of the problem. */
  message: string;
}

/** Every error of the API, the product's among them; only these codes can be thrown. */
export const ERROR_CODES = {
  malformed_request: { status: 400, title: 'Malformed request', message: 'The request could not be parsed' },
  one_time_token_invalid: {
    status: 400,
    title: 'Link or code not valid',
    message: 'The link or code is not valid, or no longer; ask for a new one',
  },
  oauth_state_invalid: {
    status: 400,
    title: 'Sign-in not begun here',
    message: 'The sign-in was not begun in this browser, or came back before, or is too old; begin again',
  },
  not_authenticated: { status: 401, title: 'Not authenticated', message: 'Not authenticated' },
  token_invalid: { status: 401, title: 'Invalid token', message: 'Could not validate credentials' },
  token_expired: { status: 401, title: 'Token expired', message: 'The token has expired' },
  session_ended: { status: 401, title: 'Session ended', message: 'The session has ended; log in again' },
  refresh_token_reused: {
    status: 401,
    title: 'Refresh token reused',
    message: 'The refresh token was used before; its session has been ended',
  },
  invalid_credentials: { status: 401, title: 'Invalid credentials', message: 'Incorrect email or password' },
  mfa_token_invalid: {
    status: 401,
    title: 'Sign-in not valid',
    message: 'The sign-in has expired or was finished; log in again',
  },
  account_disabled: { status: 403, title: 'Account disabled', message: 'The account is disabled' },
  email_unverified: {
    status: 403,
    title: 'E-mail not verified',
    message: 'The e-mail address is not verified yet; use the link or the code of the mail',
  },
  mfa_required: {
    status: 403,
    title: 'Second factor required',
    message: 'The account is protected by a second factor; send its code with the mfa_token',
  },
  mfa_enrollment_required: {
    status: 403,
    title: 'Second factor to be set up',
    message: 'The account must have a second factor; set one up with the mfa_token',
  },
  reauthentication_required: {
    status: 403,
    title: 'Recent proof required',
    message: 'Prove once more who you are, by one of the methods, and send the request again',
  },
  cross_site_request: {
    status: 403,
    title: 'Cross-site request',
    message: 'The request was sent by a page of another site',
  },
  registration_closed: {
    status: 403,
    title: 'Registration closed',
    message: 'Accounts are opened by an administrator alone',
  },
  forbidden: { status: 403, title: 'Forbidden', message: 'Not enough permissions' },
  route_not_found: { status: 404, title: 'Not found', message: 'Not Found' },
  user_not_found: { status: 404, title: 'User not found', message: 'There is no such user' },
  factor_not_found: { status: 404, title: 'Factor not found', message: 'There is no such factor' },
  identity_not_found: { status: 404, title: 'Identity not found', message: 'There is no such identity' },
  provider_not_found: { status: 404, title: 'Provider not found', message: 'There is no such provider' },
  passkey_not_found: { status: 404, title: 'Passkey not found', message: 'There is no such passkey' },
  session_not_found: { status: 404, title: 'Session not found', message: 'There is no such session' },
  file_not_found: { status: 404, title: 'File not found', message: 'There is no such file' },
  mail_not_found: { status: 404, title: 'Mail not found', message: 'There is no such mail' },
  method_not_allowed: { status: 405, title: 'Method not allowed', message: 'Method Not Allowed' },
  request_timeout: { status: 408, title: 'Request timeout', message: 'The request did not arrive in time' },
  email_taken: { status: 409, title: 'E-mail taken', message: 'Email already registered' },
  factor_limit: { status: 409, title: 'Too many factors', message: 'The account has as many factors as it may have' },
  identity_taken: {
    status: 409,
    title: 'Identity taken',
    message: 'The account of the provider is linked to another account',
  },
  identity_confirmation_required: {
    status: 409,
    title: 'Identity to be confirmed',
    message: 'The address has an account; log in to it and link the provider there',
  },
  passkey_limit: {
    status: 409,
    title: 'Too many passkeys',
    message: 'The account has as many passkeys as it may have',
  },
  passkey_taken: { status: 409, title: 'Passkey taken', message: 'The passkey was added before' },
  file_limit: {
    status: 409,
    title: 'Too many files',
    message: 'The account has as many files of this purpose as it may have',
  },
  upload_missing: { status: 409, title: 'Upload missing', message: 'The content of the file has not arrived yet' },
  upload_mismatch: {
    status: 409,
    title: 'Other upload',
    message: 'What arrived has not the size or the type that was declared',
  },
  last_login_method: {
    status: 409,
    title: 'Last way in',
    message: 'It is the last way in to the account; set a password or add another way first',
  },
  last_admin: { status: 409, title: 'Last administrator', message: 'The last administrator cannot be removed' },
  conflict: { status: 409, title: 'Conflict', message: 'The change conflicts with the present state; read it again' },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    message: 'What a condition of the request asks for is not so',
  },
  payload_too_large: { status: 413, title: 'Payload too large', message: 'The request body is too large' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    message: 'The request body is of a media type that this route does not read',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'Range not satisfiable',
    message: 'There is nothing in the range that was asked for',
  },
  validation_failed: { status: 422, title: 'Validation failed', message: 'The request is not valid; see errors' },
  email_missing: {
    status: 422,
    title: 'No e-mail address',
    message: 'The provider names no e-mail address, which an account must have',
  },
  password_too_short: { status: 422, title: 'Password too short', message: 'The password is too short' },
  password_too_long: {
    status: 422,
    title: 'Password too long',
    message: 'The password is longer than 72 bytes in UTF-8',
  },
  password_too_common: {
    status: 422,
    title: 'Password too common',
    message: 'The password is one of those that are tried first; choose another',
  },
  password_breached: {
    status: 422,
    title: 'Password breached',
    message: 'The password is known from a breach of some service; choose another',
  },
  password_unchanged: {
    status: 422,
    title: 'Password unchanged',
    message: 'The new password is the same as the current one',
  },
  file_too_large: { status: 422, title: 'File too large', message: 'The file is larger than its purpose allows' },
  file_type_refused: {
    status: 422,
    title: 'File type refused',
    message: 'The file is of a type that its purpose does not allow',
  },
  rate_limited: { status: 429, title: 'Too many requests', message: 'Too many attempts; try again later' },
  headers_too_large: { status: 431, title: 'Header fields too large', message: 'The request headers are too large' },
  internal_error: { status: 500, title: 'Internal error', message: 'Something went wrong on our side' },
  service_unavailable: {
    status: 503,
    title: 'Service unavailable',
    message: 'The service cannot answer right now; try again shortly',
  },
  ...productErrorCodes,
} as const satisfies Record<string, ErrorCode>;

export type ErrorCodeName = keyof typeof ERROR_CODES;

/**
 * What the violation of a constraint means. A foreign key has two directions: `missing` if the row that a write refers to does
 * not exist, `referenced` if a row that others refer to would be deleted.
 */
export type ConstraintCode = ErrorCodeName | { missing?: ErrorCodeName; referenced?: ErrorCodeName };

/** The URI of a code: RFC 9457's `type`. It never changes, and does not follow the product's name. */
export function problemType(code: ErrorCodeName): string {
  return `urn:problem-type:back-api:${code}`;
}
