import type { ErrorCodeName } from '../../app/utils/error-codes.ts';
import type { AppError, FieldError } from '../../app/utils/errors.ts';
import type { Page, Problem, View } from './page.ts';
import type { PageTexts } from './texts.ts';

type Sentences = PageTexts['problems'];
export type Sentence = Exclude<keyof Sentences, 'title'>;

/** The sentence of a code; the others are `unavailable` if the server is to blame, and `invalid` if not. */
const SENTENCES: Partial<Record<ErrorCodeName, Sentence>> = {
  one_time_token_invalid: 'one_time_token_invalid',
  invalid_credentials: 'invalid_credentials',
  password_too_short: 'password_too_short',
  password_too_long: 'password_too_long',
  password_too_common: 'password_too_common',
  password_breached: 'password_breached',
  account_disabled: 'account_disabled',
  email_taken: 'email_taken',
  rate_limited: 'rate_limited',
  cross_site_request: 'cross_site_request',
  email_unverified: 'email_unverified',
  mfa_token_invalid: 'mfa_token_invalid',
  session_ended: 'session_ended',
  reauthentication_required: 'reauthentication_required',
  password_unchanged: 'password_unchanged',
  conflict: 'conflict',
  last_admin: 'last_admin',
  factor_limit: 'factor_limit',
  factor_not_found: 'gone',
  passkey_not_found: 'gone',
  passkey_limit: 'passkey_limit',
  passkey_taken: 'passkey_taken',
  last_login_method: 'last_login_method',
  session_not_found: 'gone',
  identity_not_found: 'gone',
  provider_not_found: 'provider_not_found',
  registration_closed: 'registration_closed',
};

/** The inputs whose answer a wrong one of is no password. */
const CODES = ['code', 'recovery_code'];

/** The same for the rule that a field broke. */
const RULES: Readonly<Record<string, Sentence>> = {
  missing: 'missing',
  email: 'email',
  string_too_short: 'missing',
  string_too_long: 'too_long',
};

/** What a form was refused with, and what it held. */
interface Refused {
  fields: readonly FieldError[];
  page: Page;
  view: View;
}

/** What was wrong with a form, in the reader's language: at each field its own sentence. */
export function problemsOf(error: AppError, { fields, page, view }: Refused): readonly Problem[] {
  const { code, status } = error;
  const { problems } = view.texts;
  const wrongCode = code === 'invalid_credentials' ? CODES.find((name) => name in view.values) : undefined;
  if (wrongCode !== undefined) return [{ text: problems.invalid_code, field: wrongCode }];
  const sentence = page.sentenceOf?.[code] ?? SENTENCES[code] ?? (status >= 500 ? 'unavailable' : 'invalid');
  const placed = fields.flatMap(({ loc, type }) => {
    const field = fieldIn(page, String(loc[1]));
    return field === undefined ? [] : [{ field, text: problems[RULES[type] ?? sentence] }];
  });
  if (placed.length > 0) return placed;
  const field = page.fieldOf?.[code];
  return [{ text: problems[sentence], ...(field !== undefined && { field }) }];
}

/** The input that a person sees for a member of the body. */
function fieldIn({ body }: Page, name: string): string | undefined {
  if (!Object.hasOwn(body.properties, name)) return undefined;
  // A body without any proof lacks its token; the person filled in no link.
  return name === 'token' ? 'link' : name;
}
