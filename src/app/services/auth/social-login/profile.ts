import { parseEmail } from '../../../utils/emails.ts';
import { AppError } from '../../../utils/errors.ts';
import type { Profile } from './provider.ts';
import type { ProviderSettings } from './provider-settings.ts';

/** What a provider says of a person (OpenID Connect Core §5.1), verified but of any type. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly email?: unknown;
  readonly email_verified?: unknown;
  readonly name?: unknown;
  readonly hd?: unknown;
}

/** OpenID Connect Core §2 bounds a subject. */
const MAX_SUBJECT = 255;
const MAX_NAME = 200;

/** The profile of what a provider says. Throws one_time_token_invalid for a subject that is none. */
export function profileOf({ hasAuthority }: ProviderSettings, claims: Claims): Profile {
  const { iss: issuer, sub: subject, email_verified, hd } = claims;
  if (!/^[\x20-\x7e]+$/.test(subject) || subject.length > MAX_SUBJECT) throw new AppError('one_time_token_invalid');
  const email = typeof claims.email === 'string' ? parseEmail(claims.email) : undefined;
  // The boolean alone: some providers say "true" of any address.
  const is_trusted = email !== undefined && email_verified === true && hasAuthority({ email, hd });
  return { issuer, subject, email, is_trusted, name: nameOf(claims.name) };
}

function nameOf(name: unknown): string | null {
  if (typeof name !== 'string') return null;
  const text = name
    .replaceAll(/\p{Cc}/gu, ' ')
    .toWellFormed()
    .trim();
  return [...text].slice(0, MAX_NAME).join('') || null;
}
