import fc, { type Arbitrary } from 'fast-check';
import { ALL_STRINGS, NUMBER_TEXTS } from '../corpora/strings.ts';
import { CURSORS, DATES, EMAILS, IDS, PASSWORDS, REFRESH_TOKENS } from '../corpora/values.ts';
import type { Schema } from '../document.ts';
import { IDENTITIES, ITEMS, PASSKEYS, PASSWORD, SESSIONS, UNKNOWN_ID, USERS } from '../fixtures.ts';
import { OF_SIGN_INS } from '../identity-provider.ts';

/** Codes of mails and apps are shorter. */
const MIN_PROVIDER_CODE = 4000;
const EMAIL_NAMES = new Set(['email', 'username']);
const YEAR_1 = new Date('0001-01-02T00:00:00Z');
const YEAR_9999 = new Date('9999-12-30T00:00:00Z');
const WRONG_TYPES = ['null', 'true', 'false', '0', '1', '""', '[]', '{}', '[null]', '{"$gt":""}', '[[["a"]]]', '"1"'];
/** What a character is to whoever counts: one byte, two, a surrogate pair, a letter with its mark. */
const CHARACTERS = ['a', 'é', '😀', 'e\u0301', '\u200b', ' '];

/** A value that the schema takes; a field's name says which ones mean something here. */
export function validValue(schema: Schema, name: string): Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined && schema.type === undefined)
    return fc.oneof(...branches.map((one) => validValue(one, name)));
  const types = [schema.type ?? 'string'].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, name)));
}

/** JSON text of a value that the schema nearly takes, or that breaks what reads it. */
export function nearText(schema: Schema, name: string): Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: nearString(schema, name).map((text) => JSON.stringify(text)) },
    { weight: 2, arbitrary: fc.constantFrom(...WRONG_TYPES) },
    { weight: 1, arbitrary: fc.constantFrom(...NUMBER_TEXTS) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  );
}

/** Text for where only text goes, a path or a query: at a limit, a corpus's, or a good one with something put in. */
export function nearString(schema: Schema, name: string): Arbitrary<string> {
  const good = validValue(schema, name).map(textOf);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...corpusFor(schema, name)) },
    { weight: 2, arbitrary: fc.constantFrom(...ALL_STRINGS) },
    { weight: 2, arbitrary: atLimit(schema) },
    { weight: 2, arbitrary: withInsertion(good) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  );
}

/** An object may have a member `toString`, by which it would be no text. */
export function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function ofType(type: string, schema: Schema, name: string): Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 });
    case 'array':
      return fc.array(validValue(schema.items ?? {}, name), { maxLength: 4 });
    case 'object':
      return fc.record(mapValues(schema.properties ?? {}, validValue));
    default:
      return validString(schema, name);
  }
}

function validString({ format, pattern, minLength = 0, maxLength = 60 }: Schema, name: string): Arbitrary<string> {
  if (EMAIL_NAMES.has(name)) return emailAddress();
  if (/password$/.test(name)) return fc.constantFrom(PASSWORD, PASSWORD, `${PASSWORD} 2`);
  if (name === 'refresh_token') return fc.constantFrom('{{refresh_user}}', '{{refresh_other}}', '{{refresh_again}}');
  if (name in OF_SIGN_INS && !(name === 'code' && maxLength < MIN_PROVIDER_CODE))
    return fc.constantFrom(...(OF_SIGN_INS[name] ?? []));
  if (name === 'cursor')
    return knownId(name).map((id) => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url'));
  if (format === 'uuid') return fc.oneof({ weight: 5, arbitrary: knownId(name) }, { weight: 1, arbitrary: fc.uuid() });
  if (format === 'date-time')
    return fc.date({ min: YEAR_1, max: YEAR_9999, noInvalidDate: true }).map((date) => date.toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { maxLength: Math.min(maxLength, 60) });
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)) });
}

function emailAddress(): Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...Object.values(USERS).map(({ email }) => email)),
    fc.nat().map((number) => `new-${number}@example.com`),
    fc.emailAddress(),
  );
}

/** Ids of what is there: the caller's, somebody else's; and one of nothing. */
function knownId(name: string): Arbitrary<string> {
  const all: Record<string, readonly { id: string }[]> = {
    user: Object.values(USERS),
    session: Object.values(SESSIONS),
    item: ITEMS,
    passkey: PASSKEYS,
    identity: IDENTITIES,
  };
  const isOwn = (kind: string): boolean => name.startsWith(kind) || (kind === 'user' && /^(actor|subject)_/.test(name));
  const own = Object.entries(all).flatMap(([kind, rows]) => (isOwn(kind) ? rows : []));
  const any = Object.values(all).flat();
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...(own.length > 0 ? own : any)).map(({ id }) => id) },
    { weight: 1, arbitrary: fc.constantFrom(...any.map(({ id }) => id), UNKNOWN_ID) },
  );
}

function corpusFor({ format }: Schema, name: string): readonly string[] {
  if (EMAIL_NAMES.has(name)) return EMAILS;
  if (/password$/.test(name)) return PASSWORDS;
  if (name === 'refresh_token') return REFRESH_TOKENS;
  if (name === 'cursor') return CURSORS;
  if (format === 'uuid') return IDS;
  if (format === 'date-time') return DATES;
  return name === 'limit' ? NUMBER_TEXTS : ALL_STRINGS;
}

function atLimit({ minLength = 0, maxLength = 300 }: Schema): Arbitrary<string> {
  const lengths = [minLength - 1, minLength, maxLength - 1, maxLength, maxLength + 1, 2 * maxLength];
  return fc
    .tuple(fc.constantFrom(...CHARACTERS), fc.constantFrom(...lengths.filter((length) => length >= 0)))
    .map(([character, length]) => character.repeat(length));
}

function withInsertion(good: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(good, fc.constantFrom(...ALL_STRINGS), fc.nat(60)).map(([text, inserted, place]) => {
    const at = Math.min(place, text.length);
    return text.slice(0, at) + inserted + text.slice(at);
  });
}

function mapValues<T>(
  properties: Readonly<Record<string, Schema>>,
  map: (schema: Schema, name: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, map(schema, name)]));
}
