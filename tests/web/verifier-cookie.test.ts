import { describe, expect, it } from 'vitest';
import { createVerifierCookie } from '../../src/web/pages/verifier-cookie.ts';

describe('the cookie of a sign-in with a provider', () => {
  it('is of this host alone and Secure over https, without either over plain http', () => {
    const attributes = 'Path=/; HttpOnly; Secure; SameSite=Strict';
    const secure = createVerifierCookie({ isSecure: true });
    expect(secure.write('v1')).toBe(`__Host-verifier=v1; Max-Age=660; ${attributes}`);
    expect(secure.write(null)).toBe(`__Host-verifier=; Max-Age=0; ${attributes}`);
    expect(createVerifierCookie({ isSecure: false }).write('v1')).toBe(
      'verifier=v1; Max-Age=660; Path=/; HttpOnly; SameSite=Strict',
    );
  });

  it('is read beside others, and by its whole name', () => {
    const { read } = createVerifierCookie({ isSecure: true });
    expect(read('a=1; __Host-verifier=v1; b=2')).toBe('v1');
    for (const header of [undefined, '', 'verifier=v1', 'x__Host-verifier=v1', '__Host-verifier='])
      expect(read(header), header).toBeUndefined();
  });
});
