import { createPrivateKey, createSecretKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { keyId } from '../../../../../src/app/keys/algorithms.ts';
import { signingKey } from '../../../../../src/app/services/auth/tokens/signing-keys.ts';

it('the labels of derived keys are as they always were: another one would end every session', () => {
  expect(keyId(createSecretKey(Buffer.alloc(32, 7)))).toBe('KcjxhHUhi5g');
  // The key of RFC 8037, appendix A.
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  };
  const key = createPrivateKey({ format: 'jwk', key: jwk });
  const [, , signature] = signingKey({ algorithm: 'EdDSA', key, kid: 'a' }).refresh.sign({ iat: 0 }).split('.');
  expect(signature).toBe('Kxu_MmhQki-1AA2Z6KCNI6ZXnlHpRXGfembAk1Pnjm8');
});
