import { uuidv7 } from 'uuidv7';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7 (RFC 9562 §5.7): unique, and later ones sort after earlier ones. An identifier, never a secret. */
export function newId(): string {
  return uuidv7();
}

/** When a UUIDv7 was made, to the millisecond, by the clock of whoever made it. */
export function timeOfId(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** True for a UUID in its canonical lower-case form, the only one that the API reads. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
