import { uuidv7 } from 'uuidv7';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7 (RFC 9562 §5.7): unique, and later ones sort after earlier ones. An identifier, never a secret. */
export function newId(): string {
  return uuidv7();
}

/** True for a UUID in its canonical lower-case form, the only one that the API reads. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
