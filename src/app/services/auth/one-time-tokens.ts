import { randomBytes } from 'node:crypto';
import { and, eq, gt, inArray, isNotNull, isNull, ne, or, sql } from 'drizzle-orm';
import type { AppContext } from '../../context.ts';
import type { Core } from '../../core.ts';
import {
  type OneTimeTokenRow,
  oneTimeTokens,
  type TokenData,
  type TokenPurpose,
} from '../../models/auth/one-time-tokens.ts';
import { isOpen, users } from '../../models/auth/users.ts';
import { type EmailAddress, NO_ADDRESS, parseEmail } from '../../utils/emails.ts';
import { AppError } from '../../utils/errors.ts';
import { newId } from '../../utils/ids.ts';
import { Secret } from '../../utils/secret.ts';
import { codeOf, idOfLinkToken, isSame, linkToken, type Origin } from './derived-tokens.ts';

/** A token to be issued. */
export interface NewToken {
  /** A new id, if the caller has to know it before. */
  id?: string;
  user_id: string;
  purpose: TokenPurpose;
  /** The mailbox that it goes to. */
  email: EmailAddress;
  lifeSeconds: number;
  /** The life of its code; without it the token is a link alone. */
  codeLifeSeconds?: number;
  data?: TokenData;
}

/** One of the two forms that a person brings: the token of a link, or an address and a code. */
export interface TokenProof {
  token?: string;
  email?: string;
  code?: string;
}

/** A living token with its secret forms, for the mail that carries it. */
export interface MailedToken
  extends Pick<OneTimeTokenRow, 'purpose' | 'email' | 'data' | 'expires_at' | 'code_expires_at'> {
  token: Secret<string>;
  code: Secret<string> | undefined;
}

/** A living token that was proved and is not spent yet. */
export type ProvedToken = Pick<OneTimeTokenRow, 'id' | 'user_id' | 'purpose' | 'email' | 'data'>;

type Keys = Pick<AppContext, 'db' | 'keyring' | 'clock'>;

/** What a new password makes void: the way back of a change and of a notice survives it. */
export const ENDED_BY_PASSWORD: readonly TokenPurpose[] = ['reset_password', 'confirm_email_change', 'login_code'];

/** Wrong codes of a token, after which only its link is good. */
const MAX_CODE_ATTEMPTS = 5;
/** Rows are kept after their end for this time, so that the operator can see what was sent. */
const DAYS_KEPT = 1;
/** The purposes whose mailbox must still be the account's own. */
const OF_PRESENT_ADDRESS: readonly TokenPurpose[] = ['reset_password', 'verify_email', 'invitation', 'login_code'];
/** Derives what nobody is sent. It is random, so that a row without a key of ours proves nothing. */
const NO_KEY = randomBytes(32);
/** For proofs that no row can be found for: the same work is done. */
const NOBODY: Origin = { id: '', user_id: '', purpose: 'reset_password', email: NO_ADDRESS };

/**
 * Writes a token down and returns its id, in the transaction of what asks for it. The account's older one of the same purpose is void
 * from then on. A mail carries the id, and the secret is derived when the mail is sent.
 */
export async function issue(
  ctx: Keys,
  { id = newId(), lifeSeconds, codeLifeSeconds, data = {}, ...token }: NewToken,
): Promise<string> {
  const { id: key_id } = ctx.keyring.signingAt(ctx.clock.now()).one_time;
  const fresh = {
    ...{ id, key_id, data, email: token.email },
    expires_at: sql`now() + make_interval(secs => ${lifeSeconds})`,
    code_expires_at: codeLifeSeconds === undefined ? null : sql`now() + make_interval(secs => ${codeLifeSeconds})`,
    code_attempts: 0,
    created_at: sql`now()`,
  };
  await ctx.db
    .insert(oneTimeTokens)
    .values({ ...token, ...fresh })
    .onConflictDoUpdate({
      target: [oneTimeTokens.user_id, oneTimeTokens.purpose],
      targetWhere: sql`used_at is null and purpose not in ('undo_email_change', 'secure_account')`,
      set: fresh,
    });
  return id;
}

/** Derives both forms of a token for its mail; `undefined` if it is void meanwhile. */
export async function derive(ctx: Keys, id: string): Promise<MailedToken | undefined> {
  const [row] = await ctx.db
    .select()
    .from(oneTimeTokens)
    .where(and(eq(oneTimeTokens.id, id), isLiving(), isOfItsAccount()));
  const key = row && ctx.keyring.findOneTimeKey(row.key_id);
  if (row === undefined || key === undefined) return undefined;
  const { purpose, email, data, expires_at, code_expires_at } = row;
  return {
    ...{ purpose, email, data, expires_at, code_expires_at },
    token: new Secret(linkToken(key, row)),
    code: code_expires_at === null ? undefined : new Secret(codeOf(key, row)),
  };
}

/**
 * The token that a link or a code proves. It is not spent, so that another mistake of the same request leaves it usable.
 * Throws one_time_token_invalid.
 */
export async function prove(ctx: Keys, purpose: TokenPurpose, proof: TokenProof): Promise<ProvedToken> {
  const { token, email: address = '', code = '' } = proof;
  const row = await (token === undefined ? proveCode(ctx, purpose, { address, code }) : proveLink(ctx, purpose, token));
  if (row === undefined) throw new AppError('one_time_token_invalid');
  const { id, user_id, email, data } = row;
  return { id, user_id, purpose, email, data };
}

/** Spends a proved token, in the transaction of what it allows. Of several at once one succeeds; the others throw one_time_token_invalid. */
export async function spend({ db }: Pick<Core, 'db'>, { id }: ProvedToken): Promise<void> {
  const spent = await db
    .update(oneTimeTokens)
    .set({ used_at: sql`now()` })
    .where(and(eq(oneTimeTokens.id, id), isLiving()))
    .returning({ id: oneTimeTokens.id });
  if (spent.length === 0) throw new AppError('one_time_token_invalid');
}

/** Makes an account's unused tokens of these purposes void. */
export async function revoke(
  { db }: Pick<Core, 'db'>,
  user_id: string,
  purposes: readonly TokenPurpose[],
): Promise<void> {
  await db
    .delete(oneTimeTokens)
    .where(
      and(
        eq(oneTimeTokens.user_id, user_id),
        inArray(oneTimeTokens.purpose, [...purposes]),
        isNull(oneTimeTokens.used_at),
      ),
    );
}

/** Removes the rows whose end is past, but for an invitation that was not accepted: it can be sent again. */
export async function removeExpired({ db }: Pick<Core, 'db'>): Promise<void> {
  const { purpose, used_at, expires_at } = oneTimeTokens;
  await db
    .delete(oneTimeTokens)
    .where(
      and(
        sql`${expires_at} < now() - make_interval(days => ${DAYS_KEPT})`,
        or(ne(purpose, 'invitation'), isNotNull(used_at)),
      ),
    );
}

async function proveLink(ctx: Keys, purpose: TokenPurpose, token: string): Promise<OneTimeTokenRow | undefined> {
  const id = idOfLinkToken(token);
  if (id === undefined) return undefined;
  const [row] = await ctx.db
    .select()
    .from(oneTimeTokens)
    .where(and(eq(oneTimeTokens.id, id), eq(oneTimeTokens.purpose, purpose), isLiving(), isOfItsAccount()));
  return row !== undefined && isSame(token, linkToken(keyOf(ctx, row), row)) ? row : undefined;
}

/**
 * Of a wrong code: its commit does not wait for the disk. Otherwise the time of the answer would tell an address that a code was
 * mailed to from any other. A crash of the server gives back at most the attempts of its last second.
 */
const ONE_ATTEMPT = sql`case when set_config('synchronous_commit', 'off', true) = 'off' then 1 else 1 end`;

/** An attempt counts before the comparison, so that many at once are no more than five. A right one is given back. */
async function proveCode(
  ctx: Keys,
  purpose: TokenPurpose,
  { address, code }: { address: string; code: string },
): Promise<OneTimeTokenRow | undefined> {
  const attempts = oneTimeTokens.code_attempts;
  // Several accounts can ask for one new address; each has a token of its own for it.
  const rows = await ctx.db
    .update(oneTimeTokens)
    .set({ code_attempts: sql`${attempts} + ${ONE_ATTEMPT}` })
    .where(
      and(
        eq(oneTimeTokens.email, parseEmail(address) ?? NO_ADDRESS),
        eq(oneTimeTokens.purpose, purpose),
        isLiving(),
        gt(oneTimeTokens.code_expires_at, sql`now()`),
        sql`${attempts} < ${MAX_CODE_ATTEMPTS}`,
        isOfItsAccount(),
      ),
    )
    .returning();
  if (rows.length === 0) isSame(code, codeOf(NO_KEY, NOBODY));
  const [row] = rows.filter((row) => isSame(code, codeOf(keyOf(ctx, row), row)));
  if (row === undefined) return undefined;
  await ctx.db
    .update(oneTimeTokens)
    .set({ code_attempts: sql`${attempts} - 1` })
    .where(eq(oneTimeTokens.id, row.id));
  return row;
}

/** The key of a row; a key that nobody has is good for nothing. */
function keyOf({ keyring }: Keys, { key_id }: { key_id: string }): Buffer {
  return keyring.findOneTimeKey(key_id) ?? NO_KEY;
}

const isLiving = () => and(isNull(oneTimeTokens.used_at), gt(oneTimeTokens.expires_at, sql`now()`));

/**
 * A closed account has no token, one that has another address by now none for the former one, and one of an administrator no
 * invitation of who is none any more.
 */
const isOfItsAccount = () =>
  sql`exists (select from ${users} where ${users.id} = ${oneTimeTokens.user_id} and ${isOpen} and ${isWellInvited()} and (${users.email} = ${oneTimeTokens.email} or ${oneTimeTokens.purpose} <> all(${sql.param([...OF_PRESENT_ADDRESS])}::text[])))`;

// A scalar: of an `exists` PostgreSQL would make a list of all administrators.
const isWellInvited = () => sql`(${oneTimeTokens.purpose} <> 'invitation' or ${users.role} <> 'admin'
    or ${oneTimeTokens.data} ->> 'invited_by' is null or coalesce((select inviter.role = 'admin' and inviter.is_active
        and inviter.removing is distinct from 'account' from ${users} as inviter
      where inviter.id = (${oneTimeTokens.data} ->> 'invited_by')::uuid), false))`;
