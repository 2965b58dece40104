import { createHmac } from 'node:crypto';
import type { Core } from '../../../core.ts';
import { isSame } from '../../auth/derived-tokens.ts';
import type { AddressKeys, Grant, Proof } from './contract.ts';

type Keys = Pick<Core, 'clock'> & { keyring: AddressKeys };

/** Signs a grant for `seconds` seconds, by the key that signs now. */
export function prove({ keyring, clock }: Keys, grant: Grant, seconds: number): Proof {
  const now = clock.now();
  const { id: key, secret } = keyring.signingAt(now).one_time;
  const expires = Math.floor(now.getTime() / 1000) + seconds;
  return { expires, key, signature: signatureOf(secret, grant, expires) };
}

/** True if the grant was signed here and is good still. */
export function isProved({ keyring, clock }: Keys, grant: Grant, { expires, key, signature }: Proof): boolean {
  const secret = keyring.findOneTimeKey(key);
  if (secret === undefined || expires * 1000 <= clock.now().getTime()) return false;
  return isSame(signature, signatureOf(secret, grant, expires));
}

/** The first word keeps it apart from what else the key derives; as JSON no two grants have one text. */
function signatureOf(secret: Buffer, { method, id, type, what }: Grant, expires: number): string {
  const text = JSON.stringify(['file address', method, id, type, what, expires]);
  return createHmac('sha256', secret).update(text).digest('base64url');
}
