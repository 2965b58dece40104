import { createHmac, timingSafeEqual } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import { inTransaction } from '../../database.ts';
import { isOpen, users as table, type User } from '../../models/auth/users.ts';
import { AppError } from '../../utils/errors.ts';
import { publicUrl } from '../system/mail-links.ts';
import * as users from './users.ts';

export interface FirstAdministrator {
  /** The token of the link in the log. */
  token: string;
  email: string;
  password: string;
  name?: string | null;
}

const PURPOSE = 'first-administrator';
const LIFE_SECONDS = 24 * 3600;
/** 192 bits. */
const MAC_BYTES = 24;
/** Of all who come at once, one finds no administrator. */
const LOCK = sql`select pg_advisory_xact_lock(hashtext('first-administrator'))`;

/**
 * Writes a link into the log by which the first administrator is made, if there is none. The link is good for a day, at every
 * process that has the key, and for as long as there is no administrator. A database that does not answer yet gets no link.
 */
export async function invite(ctx: AppContext): Promise<void> {
  const isNeeded = await isMissing(ctx).catch(() => false);
  if (!isNeeded) return;
  const url = `${publicUrl(ctx.config)}/console/first-administrator#token=${tokenOf(ctx)}`;
  ctx.log.info(
    { event: 'console.first_administrator', url },
    `there is no administrator; make the first one at ${url}`,
  );
}

/** Makes the first administrator. Throws one_time_token_invalid once there is one, and what the creation of a user throws. */
export async function create(ctx: RequestContext, { token, ...account }: FirstAdministrator): Promise<User> {
  if (!isGood(ctx, token)) throw new AppError('one_time_token_invalid');
  return inTransaction(ctx, async (ctx) => {
    await ctx.db.execute(LOCK);
    if (!(await isMissing(ctx))) throw new AppError('one_time_token_invalid');
    // The log is the operator's, who vouches for the address.
    return users.create(ctx, { ...account, role: 'admin', is_verified: true });
  });
}

async function isMissing({ db }: Pick<AppContext, 'db'>): Promise<boolean> {
  const [administrator] = await db
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.role, 'admin'), isOpen))
    .limit(1);
  return administrator === undefined;
}

/** When it ends, and a MAC of that. */
function tokenOf({ clock, keyring }: Pick<AppContext, 'clock' | 'keyring'>): string {
  const now = clock.now();
  const end = Math.floor(now.getTime() / 1000) + LIFE_SECONDS;
  return `${end}.${macOf(keyring.signingAt(now).one_time.secret, end).toString('base64url')}`;
}

function isGood({ clock, keyring }: Pick<AppContext, 'clock' | 'keyring'>, token: string): boolean {
  const [, digits = '', text = ''] = /^(\d{1,12})\.([\w-]{32})$/.exec(token) ?? [];
  const [end, given, now] = [Number(digits), Buffer.from(text, 'base64url'), clock.now()];
  if (given.length !== MAC_BYTES || end * 1000 <= now.getTime()) return false;
  return keyring.verifyingAt(now).some(({ one_time }) => timingSafeEqual(macOf(one_time.secret, end), given));
}

function macOf(key: Buffer, end: number): Buffer {
  return createHmac('sha256', key).update(`${PURPOSE}\0${end}`).digest().subarray(0, MAC_BYTES);
}
