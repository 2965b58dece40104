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

/** The characters of an id, written in place. A text that grows by single characters is a chain of 24 objects. */
const characters = Buffer.from('00000000-0000-0000-0000-000000000000');
/** The places of its 16 bytes. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DIGITS = Buffer.from('0123456789abcdef');

/** A new UUIDv7 (RFC 9562 §5.7): unique, and later ones sort after earlier ones. An identifier, never a secret. */
export function newId(): string {
  const { bytes } = generator.generate();
  for (let n = 0; n < PLACES.length; n++) {
    const byte = bytes[n] ?? 0;
    const place = PLACES[n] ?? 0;
    characters[place] = DIGITS[byte >> 4] ?? 0;
    characters[place + 1] = DIGITS[byte & 15] ?? 0;
  }
  return characters.toString('latin1');
}

/** The time of a UUIDv7 in milliseconds, by the clock of the process that made it. */
export function timeOfId(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** True for a UUID in its canonical lower-case form, the only one that the API reads. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
