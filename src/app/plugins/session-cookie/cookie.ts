/** The cookie that holds a refresh token (RFC 6265bis). */
export interface SessionCookie {
  /** The token in a Cookie header; `undefined` if there is none. */
  read: (header: string | undefined) => string | undefined;
  /** The Set-Cookie header of a token, which lives as long as the token. */
  write: (token: string, now: Date) => string;
  /** The Set-Cookie header that removes it. */
  clear: () => string;
}

/** `__Host-` keeps other hosts of the domain from writing it; over plain http, on localhost, browsers take neither that nor `Secure`. */
export function createSessionCookie({ isSecure }: { isSecure: boolean }): SessionCookie {
  const name = isSecure ? '__Host-session' : 'session';
  const attributes = ['Path=/', 'HttpOnly', ...(isSecure ? ['Secure'] : []), 'SameSite=Strict'].join('; ');
  return {
    read: (header = '') => {
      const pairs = header.split(';').map((pair) => pair.trim());
      const found = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
      return found === '' ? undefined : found;
    },
    write: (token, now) => {
      const seconds = Math.max(0, expiryOf(token) - Math.floor(now.getTime() / 1000));
      return `${name}=${token}; Max-Age=${seconds}; ${attributes}`;
    },
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}

/** `exp` of a token of ours. */
function expiryOf(token: string): number {
  const [, payload = ''] = token.split('.');
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  return exp;
}
