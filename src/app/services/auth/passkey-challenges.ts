import { createHmac } from 'node:crypto';
import { lt, sql } from 'drizzle-orm';
import type { AppContext } from '../../context.ts';
import { usedChallenges } from '../../models/auth/passkeys.ts';
import { newId } from '../../utils/ids.ts';
import { isSame } from './derived-tokens.ts';

/** What a challenge is for: any sign-in, or a new passkey of one session. */
export type Ceremony = { purpose: 'assertion' } | { purpose: 'creation'; session_id: string };

/** A challenge of ours whose end is ahead. */
export interface Challenge {
  id: string;
  expires_at: Date;
}

const LIFE_SECONDS = 300;
const ID_BYTES = 16;
/** Seconds since 1970. */
const END_BYTES = 5;
const MAC_BYTES = 24;

/** A challenge and its id, which are the same text. It is signed and stands nowhere, so that asking for one writes nothing. */
export function issue(
  { clock, keyring }: Pick<AppContext, 'clock' | 'keyring'>,
  ceremony: Ceremony,
): { challenge_id: string; expires_at: Date } {
  const now = clock.now();
  const end = Math.ceil(now.getTime() / 1000) + LIFE_SECONDS;
  const head = Buffer.alloc(ID_BYTES + END_BYTES);
  head.write(newId().replaceAll('-', ''), 'hex');
  head.writeUIntBE(end, ID_BYTES, END_BYTES);
  const { secret } = keyring.signingAt(now).one_time;
  return { challenge_id: textOf(secret, ceremony, head), expires_at: new Date(end * 1000) };
}

/** The challenge of an id; `undefined` if it is not ours, of another ceremony, or expired. Whether it was used, its row says. */
export function find(
  { clock, keyring }: Pick<AppContext, 'clock' | 'keyring'>,
  ceremony: Ceremony,
  challenge_id: string,
): Challenge | undefined {
  const bytes = Buffer.from(challenge_id, 'base64url');
  if (bytes.length !== ID_BYTES + END_BYTES + MAC_BYTES) return undefined;
  const now = clock.now();
  const head = bytes.subarray(0, ID_BYTES + END_BYTES);
  // Of any key that may still sign: keys change in the middle of a ceremony too.
  const isOurs = keyring
    .verifyingAt(now)
    .map(({ one_time }) => isSame(challenge_id, textOf(one_time.secret, ceremony, head)));
  const expires_at = new Date(head.readUIntBE(ID_BYTES, END_BYTES) * 1000);
  if (!isOurs.includes(true) || expires_at <= now) return undefined;
  const hex = head.toString('hex', 0, ID_BYTES);
  return { id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), expires_at };
}

/** Spends a challenge in the transaction of what it allows. Of several at once one gives true. */
export async function spend({ db }: Pick<AppContext, 'db'>, challenge: Challenge): Promise<boolean> {
  const spent = await db
    .insert(usedChallenges)
    .values(challenge)
    .onConflictDoNothing()
    .returning({ id: usedChallenges.id });
  return spent.length > 0;
}

/** Removes the used challenges that are void by any clock: the end is the application's, this one the database's. */
export async function removeExpired({ db }: Pick<AppContext, 'db'>): Promise<void> {
  await db.delete(usedChallenges).where(lt(usedChallenges.expires_at, sql`now() - interval '1 day'`));
}

function textOf(key: Buffer, ceremony: Ceremony, head: Buffer): string {
  const session_id = ceremony.purpose === 'creation' ? ceremony.session_id : '';
  const mac = createHmac('sha256', key)
    .update(['passkey', ceremony.purpose, session_id, head.toString('hex')].join('\0'))
    .digest();
  return Buffer.concat([head, mac.subarray(0, MAC_BYTES)]).toString('base64url');
}
