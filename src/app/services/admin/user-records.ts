import { NO_PASSWORD, ROLES, type Role } from '../../models/auth/users.ts';
import { type EmailAddress, parseEmail } from '../../utils/emails.ts';
import { isId, newId } from '../../utils/ids.ts';
import { LOCALES, type Locale } from '../../utils/locales.ts';
import { type FirebaseHashParameters, importHash } from '../auth/passwords.ts';
import { readWaysIn, type WaysIn } from './user-ways-in.ts';

/** A row for `users`, and what it signs in by beside its password. */
export interface UserRecord extends WaysIn {
  id: string;
  email: EmailAddress;
  name: string | null;
  /** Null for an account without a password. */
  password_hash: string | null;
  email_verified_at: Date | null;
  locale: Locale | null;
  role: Role;
  is_active: boolean;
  created_at: Date;
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields, and their names in exports of other systems. */
const NAMES = {
  id: ['id'],
  email: ['email'],
  name: ['name', 'displayName', 'display_name', 'full_name'],
  password_hash: ['password_hash', 'passwordHash', 'hashed_password', 'encrypted_password'],
  salt: ['salt', 'passwordSalt', 'password_salt'],
  email_verified: ['email_verified', 'emailVerified', 'is_verified'],
  email_verified_at: ['email_verified_at', 'email_confirmed_at', 'emailConfirmedAt'],
  locale: ['locale'],
  role: ['role'],
  is_active: ['is_active'],
  disabled: ['disabled'],
  created_at: ['created_at', 'createdAt'],
} as const;

/** Every field name that an import reads. */
export const FIELD_NAMES: ReadonlySet<string> = new Set([...Object.values(NAMES).flat(), 'identities', 'passkeys']);

const NAME_MAX_LENGTH = 200;
const TIME = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d)?:?(\d\d)?)?$/i;
/** Roles of other systems that mean a plain user: Supabase's `auth.users` has this one in every row. */
const FOREIGN_ROLES: Record<string, Role> = { authenticated: 'user' };

/** The fields as a row, or throws an Error whose message says what is wrong with the fields. */
export function readUserRecord(fields: Fields, firebase: FirebaseHashParameters | undefined, now: Date): UserRecord {
  return {
    id: readId(textOf(fields, 'id')),
    email: readEmail(textOf(fields, 'email')),
    name: readName(textOf(fields, 'name')),
    password_hash: readHash(textOf(fields, 'password_hash'), textOf(fields, 'salt'), firebase),
    email_verified_at: readVerified(fields, now),
    locale: readLocale(textOf(fields, 'locale')),
    role: readRole(textOf(fields, 'role') ?? 'user'),
    is_active: readFlag(textOf(fields, 'is_active'), 'is_active') ?? !readFlag(textOf(fields, 'disabled'), 'disabled'),
    created_at: readTime(textOf(fields, 'created_at'), 'created_at') ?? now,
    ...readWaysIn(fields),
  };
}

/** The field's text under any of its names; `undefined` if it is absent, null or empty. */
function textOf(fields: Fields, field: keyof typeof NAMES): string | undefined {
  for (const name of NAMES[field]) {
    const value = fields[name] ?? '';
    if (typeof value === 'object') throw new Error(`${name} must be a text, not an object or a list`);
    if (value !== '') return String(value);
  }
  return undefined;
}

function readId(text: string | undefined): string {
  const id = text?.trim().toLowerCase() ?? newId();
  if (!isId(id)) throw new Error('id must be a UUID; leave the field out to get new ones');
  return id;
}

function readEmail(text: string | undefined): EmailAddress {
  if (text === undefined) throw new Error('email is missing');
  const email = parseEmail(text);
  if (email === undefined) throw new Error('email is not a valid address');
  return email;
}

function readName(name = ''): string | null {
  if (name.length > NAME_MAX_LENGTH) throw new Error(`name is longer than ${NAME_MAX_LENGTH} characters`);
  if (name.includes('\0')) throw new Error('name has a NUL character');
  return name === '' ? null : name;
}

function readHash(
  text: string | undefined,
  salt: string | undefined,
  firebase: FirebaseHashParameters | undefined,
): string | null {
  if (text === undefined || text === NO_PASSWORD) return null;
  return importHash({ hash: text, salt }, firebase);
}

/** The time of a verification, or the time of the import where the other system keeps a flag alone. */
function readVerified(fields: Fields, now: Date): Date | null {
  const time = readTime(textOf(fields, 'email_verified_at'), 'email_verified_at');
  return time ?? (readFlag(textOf(fields, 'email_verified'), 'email_verified') === true ? now : null);
}

/** `de-AT` is read as `de`; a language that mails are not written in is no choice. */
function readLocale(text: string | undefined): Locale | null {
  const language = text?.toLowerCase().split(/[-_]/, 1)[0];
  return LOCALES.find((locale) => locale === language) ?? null;
}

function readRole(text: string): Role {
  const role = ROLES.find((known) => known === text) ?? FOREIGN_ROLES[text];
  if (role === undefined) throw new Error(`role must be one of ${ROLES.join(', ')}`);
  return role;
}

function readFlag(text: string | undefined, name: string): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(true|t|yes|1)$/i.test(text)) return true;
  if (/^(false|f|no|0)$/i.test(text)) return false;
  throw new Error(`${name} must be true or false`);
}

/** ISO 8601 or PostgreSQL's text form, in UTC if it names no zone, or milliseconds since 1970 as Firebase writes them. */
function readTime(text: string | undefined, name: string): Date | undefined {
  if (text === undefined) return undefined;
  const [, date, clock = '00:00', hours = '+00', minutes = '00'] = TIME.exec(text) ?? [];
  const time = new Date(
    date === undefined ? NaN : `${date}T${clock}${hours.toUpperCase() === 'Z' ? '+00' : hours}:${minutes}`,
  );
  // `Date` makes 31 April the first of May.
  if (date !== undefined && !isDate(date)) throw new Error(`${name} has ${date}, a day that does not exist`);
  const milliseconds = /^\d{12,13}$/.test(text) ? Number(text) : time.getTime();
  if (!(milliseconds >= 0)) throw new Error(`${name} is not a time`);
  return new Date(milliseconds);
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
