/** How a person proved who they are: the names of RFC 8176 §2, and `email` and `fed` for what it has no name for. */
export type AuthenticationMethod = 'pwd' | 'otp' | 'hwk' | 'swk' | 'user' | 'email' | 'fed';

/** The methods that are a second factor beside any other one. */
const SECOND: ReadonlySet<string> = new Set(['otp', 'hwk', 'swk']);

/** True for a sign-in by two factors: `acr` 2. */
export function isTwoFactor(amr: readonly string[]): boolean {
  return amr.some((method) => SECOND.has(method));
}

/** The form of a session's row. */
export function joinMethods(...methods: readonly AuthenticationMethod[]): string {
  return [...new Set(methods)].join(' ');
}

/** The methods of a session's row. */
export function methodsOf(amr: string): string[] {
  return amr === '' ? [] : amr.split(' ');
}

/** The claims `auth_time`, `amr` and `acr` (OpenID Connect Core §2) of an access token. */
export function authenticationClaims({
  authenticated_at,
  amr,
}: {
  authenticated_at?: Date | undefined;
  amr?: string | undefined;
}): {
  auth_time?: number;
  amr?: string[];
  acr?: '1' | '2';
} {
  if (authenticated_at === undefined || amr === undefined) return {};
  const methods = methodsOf(amr);
  return {
    auth_time: Math.floor(authenticated_at.getTime() / 1000),
    amr: methods,
    acr: isTwoFactor(methods) ? '2' : '1',
  };
}
