import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** What a sealed secret belongs to: it opens for no other row. */
export interface SealOwner {
  id: string;
  user_id: string;
}

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D §5.2.1.1. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts a secret for its row (AES-256-GCM): base64url of the IV, the cipher text and the tag. */
export function seal(key: Buffer, secret: string, owner: SealOwner): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(contextOf(owner));
  return Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** Decrypts what `seal` made; throws if it was made by another key or for another row, or was changed. */
export function unseal(key: Buffer, sealed: string, owner: SealOwner): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const [iv, tag] = [bytes.subarray(0, IV_BYTES), bytes.subarray(-TAG_BYTES)];
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(contextOf(owner));
  decipher.setAuthTag(tag);
  const text = bytes.subarray(IV_BYTES, -TAG_BYTES);
  return decipher.update(text, undefined, 'utf8') + decipher.final('utf8');
}

function contextOf({ id, user_id }: SealOwner): Buffer {
  return Buffer.from(`${user_id}\0${id}`);
}
