import type { EmailAddress } from '../../../utils/emails.ts';

/** Who a provider says that a person is. */
export interface Profile {
  issuer: string;
  subject: string;
  /** Absent if the provider names no address, or one that is none. */
  email: EmailAddress | undefined;
  /** True if the provider says that the address is verified, and has authority over its domain. */
  is_trusted: boolean;
  name: string | null;
}

/** What a sign-in remembers on its way to the provider and back. */
export interface Checks {
  state: string;
  nonce: string;
  code_verifier: string;
}

/** A provider that people sign in with. Its calls throw service_unavailable if it does not answer, and one_time_token_invalid for what is not true. */
export interface Provider {
  readonly id: string;
  readonly label: string;
  /** Where the browser goes. */
  authorizationUrl: (checks: Checks) => Promise<string>;
  /** Who came back with this query of the callback. */
  redeem: (query: URLSearchParams, checks: Checks) => Promise<Profile>;
  /** Who an id token of a native app names; absent if the provider has none. */
  verifyIdToken?: (id_token: string, nonce: string) => Promise<Profile>;
}
