import { randomFillSync } from 'node:crypto';
import { V7Generator } from 'uuidv7';

/** Random numbers in store: a system call for each id costs more than the rest of the id. */
const store = new Uint32Array(1024);
let taken = store.length;
const generator = new V7Generator({
  nextUint32: () => {
    if (taken === store.length) {
      randomFillSync(store);
      taken = 0;
    }
    return store[taken++] ?? 0;
  },
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7 (RFC 9562 §5.7): unique, and later ones sort after earlier ones. An identifier, never a secret. */
export function newId(): string {
  return generator.generate().toString();
}

/** The time of a UUIDv7 in milliseconds, by the clock of the process that made it. */
export function timeOfId(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** True for a UUID in its canonical lower-case form, the only one that the API reads. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
