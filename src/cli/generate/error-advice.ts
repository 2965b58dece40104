import { ERROR_CODES, type ErrorCodeName } from '../../app/utils/error-codes.ts';

const CLIENT_FAULT = 'Report it as a fault of the client; a repetition gets the same answer';
const SHOW = 'Show `detail`';
const SHOW_AT_PASSWORD = 'Show `detail` at the field of the new password';
const LOG_IN = 'Forget the pair and show the login';

/** What a client does on a code; a code that is missing here has the advice of its status. */
const BY_CODE: Partial<Record<ErrorCodeName, string>> = {
  not_authenticated: 'Send the access token; without one, show the login',
  token_invalid: LOG_IN,
  token_expired:
    'Access token: refresh, then repeat the request once. Refresh token: forget the pair and show the login',
  one_time_token_invalid: 'Show `detail` and offer to have a new mail sent',
  email_unverified: 'Show `detail`, the field for the code, and a button for `POST /auth/request-verify-token`',
  oauth_state_invalid: 'Begin the sign-in again by `GET /auth/oauth/{provider}/start`',
  identity_confirmation_required:
    'Offer the login to the account, and then `POST /auth/me/identities/{provider}` in its settings',
  identity_taken: `${SHOW} and offer the login with the provider`,
  registration_closed: 'Show `detail` and hide the registration',
  email_missing: 'Show `detail` and offer another way in',
  mfa_required:
    'Ask for one of `factors`; send the code, or the answer of a passkey, with `mfa_token` to `POST /auth/mfa`',
  mfa_enrollment_required:
    'Show the set-up of a passkey or an authenticator app; `mfa_token` is the bearer of its calls',
  mfa_token_invalid: 'Show the login',
  reauthentication_required:
    'Ask for one of `methods`, send it to `POST /auth/me/reauthenticate`, then repeat the request once',
  session_ended: LOG_IN,
  refresh_token_reused: `${LOG_IN}; say that the session was ended for safety`,
  invalid_credentials: 'Show `detail` at the form that sent the password; a session that is open goes on',
  account_disabled: 'Forget the pair and show `detail`',
  forbidden: 'Hide the action; `GET /auth/me` has the present role',
  email_taken: 'Show `detail` at the address and offer the login',
  passkey_taken: 'Say that the passkey is there already',
  last_login_method: 'Show `detail` and offer to set a password or to add a passkey',
  upload_missing: 'Send the content to the address of the upload, then complete it again',
  upload_mismatch: 'Declare the file anew with its true size and type, and send it again',
  file_too_large: 'Show `detail` at the chosen file',
  file_type_refused: 'Show `detail` at the chosen file',
  conflict: 'Read the resource again and let the user decide',
  validation_failed: 'Show each of `errors` at the field that its `loc` names',
  password_too_short: SHOW_AT_PASSWORD,
  password_too_long: SHOW_AT_PASSWORD,
  password_too_common: SHOW_AT_PASSWORD,
  password_breached: SHOW_AT_PASSWORD,
  password_unchanged: SHOW_AT_PASSWORD,
  route_not_found: CLIENT_FAULT,
};

const BY_STATUS: Readonly<Record<number, string>> = {
  400: CLIENT_FAULT,
  401: LOG_IN,
  403: SHOW,
  404: 'Remove the resource from the page and read its list again: it is gone, or belongs to another user',
  405: CLIENT_FAULT,
  408: 'Repeat the request once; it was not carried out',
  409: SHOW,
  412: CLIENT_FAULT,
  413: `${SHOW} and send less`,
  415: CLIENT_FAULT,
  416: CLIENT_FAULT,
  422: SHOW,
  429: `${SHOW} and wait for \`Retry-After\` seconds; do not repeat a login by itself`,
  431: CLIENT_FAULT,
  500: 'Say that it failed, with `request_id`; do not repeat a write by itself',
  503: 'Repeat a read after `Retry-After` seconds and a random part of one; of a write, read first whether it took effect',
};

/** The table of every error code: its status, and what a client does. */
export function errorAdvice(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { status }]) => {
    // The keys of the table are its codes.
    const advice = BY_CODE[code as ErrorCodeName] ?? BY_STATUS[status];
    if (advice === undefined) throw new Error(`Add an advice for status ${status} (${code}) to error-advice.ts`);
    return `| \`${code}\` | ${status} | ${advice} |`;
  });
  return ['| code | status | what the client does |', '|---|---|---|', ...rows].join('\n');
}
