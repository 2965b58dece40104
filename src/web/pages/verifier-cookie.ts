/** The cookie that holds the verifier (RFC 7636) of a sign-in with a provider, which began on our pages. */
export interface VerifierCookie {
  read: (header: string | undefined) => string | undefined;
  /** The Set-Cookie header that keeps a verifier; null takes it away. */
  write: (verifier: string | null) => string;
}

/** A person has ten minutes at the provider, and the code that comes of it lives one more. */
const MAX_AGE_SECONDS = 660;

/** Only a form of our own page needs it, so it is Strict: the provider's answer comes without it. */
export function createVerifierCookie({ isSecure }: { isSecure: boolean }): VerifierCookie {
  const name = isSecure ? '__Host-verifier' : 'verifier';
  const attributes = ['Path=/', 'HttpOnly', ...(isSecure ? ['Secure'] : []), 'SameSite=Strict'].join('; ');
  return {
    read: (header = '') => {
      const pairs = header.split(';').map((pair) => pair.trim());
      return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) || undefined;
    },
    write: (verifier) => `${name}=${verifier ?? ''}; Max-Age=${verifier === null ? 0 : MAX_AGE_SECONDS}; ${attributes}`,
  };
}
