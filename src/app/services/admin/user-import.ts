import { inArray, or } from 'drizzle-orm';
import type { AppContext, RequestContext } from '../../context.ts';
import { inTransaction, translateDatabaseError } from '../../database.ts';
import { users } from '../../models/auth/users.ts';
import { findHeld } from '../auth/held-addresses.ts';
import type { FirebaseHashParameters } from '../auth/passwords.ts';
import * as audit from '../system/audit.ts';
import { readUserRecord, type UserRecord } from './user-records.ts';
import { findTakenKeys, insertWaysIn, keysOf } from './user-ways-in.ts';

/** One row of a file: its fields, or the reason why they cannot be read. */
export type Entry = { line: number; last_line?: number } & ({ fields: Record<string, unknown> } | { problem: string });

/** A row that was not imported. `exists`: its address has an account already, so nothing is lost. */
export interface Rejection {
  line: number;
  last_line?: number;
  reason: string;
  exists: boolean;
}

export interface ImportOptions {
  /** Checks every row against the rules and the database, and writes none. */
  dry_run: boolean;
  firebase: FirebaseHashParameters | undefined;
  onRejected: (rejection: Rejection) => void;
  /** Called after each batch with the rows read so far. */
  onProgress: (rows: number) => void;
}

export interface ImportOutcome {
  imported: number;
  /** Of the imported ones: those that cannot log in before a reset, by a passkey or with a provider neither. */
  without_password: number;
  existing: number;
  refused: number;
}

interface Row {
  entry: Entry;
  record: UserRecord;
}

const BATCH_ROWS = 500;

/** Stores the users in batches. A wrong row is passed to `onRejected` and affects no other row; a second run changes nothing. */
export async function importAll(
  ctx: RequestContext,
  entries: AsyncIterable<Entry>,
  options: ImportOptions,
): Promise<ImportOutcome> {
  const outcome: ImportOutcome = { imported: 0, without_password: 0, existing: 0, refused: 0 };
  let rejections: Rejection[] = [];
  const reject = ({ line, last_line = line }: Entry, reason: string, exists = false): void => {
    outcome[exists ? 'existing' : 'refused']++;
    rejections.push({ line, reason, exists, ...(last_line !== line && { last_line }) });
  };
  const store = options.dry_run ? pretendToStore(ctx) : storeRows(ctx);
  let rows = 0;
  for await (const batch of batches(entries)) {
    const readable = batch.flatMap((entry) => readRow(entry, { options, now: ctx.clock.now(), reject }) ?? []);
    for (const { row, rejection } of await store(readable)) {
      if (rejection !== undefined) reject(row.entry, rejection.reason, rejection.exists);
      else {
        outcome.imported++;
        if (hasNoWayIn(row.record)) outcome.without_password++;
      }
    }
    for (const rejection of rejections.toSorted((a, b) => a.line - b.line)) options.onRejected(rejection);
    rejections = [];
    rows += batch.length;
    options.onProgress(rows);
  }
  return outcome;
}

type Stored = { row: Row; rejection?: Pick<Rejection, 'reason' | 'exists'> }[];
const EXISTS = { reason: 'the address is registered already', exists: true };
/** By the way back of another account, which changed its address a few days ago. */
const HELD = { reason: 'the address is held for the account that had it until a few days ago', exists: false };
const REFUSED = { reason: 'the database refuses one of its values', exists: false };
/** An account of a provider, or a passkey, opens one account. */
const WAY_TAKEN = { reason: 'one of its identities or passkeys belongs to another user', exists: false };
const ID_TAKEN = { reason: 'the id belongs to another user', exists: false };

async function* batches(entries: AsyncIterable<Entry>): AsyncGenerator<Entry[]> {
  let batch: Entry[] = [];
  for await (const entry of entries) {
    if (batch.push(entry) < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function readRow(
  entry: Entry,
  { options, now, reject }: { options: ImportOptions; now: Date; reject: (entry: Entry, reason: string) => void },
): Row | undefined {
  if ('problem' in entry) {
    reject(entry, entry.problem);
    return undefined;
  }
  try {
    return { entry, record: readUserRecord(entry.fields, options.firebase, now) };
  } catch (error) {
    reject(entry, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function storeRows(ctx: RequestContext): (rows: Row[]) => Promise<Stored> {
  const store = async (rows: Row[]): Promise<Stored> => {
    if (rows.length === 0) return [];
    try {
      const stored = await insert(ctx, rows);
      const isStored = ({ record }: Row): boolean => stored.get(record.id) === record.email && stored.delete(record.id);
      const missing = new Set(rows.filter((row) => !isStored(row)));
      const taken = await findTaken(ctx, [...missing]);
      return rows.map((row) => {
        if (!missing.has(row)) return { row };
        return { row, rejection: taken.emails.has(row.record.email) ? EXISTS : ID_TAKEN };
      });
    } catch (error) {
      // Bisects the batch to find the row that the database refuses, so that all other rows are stored.
      const code = translateDatabaseError(error)?.code;
      if (code === undefined || code === 'service_unavailable') throw error;
      const [row] = rows;
      if (row !== undefined && rows.length === 1) {
        return [{ row, rejection: await rejectionOf(ctx, row, code) }];
      }
      const half = Math.ceil(rows.length / 2);
      return [...(await store(rows.slice(0, half))), ...(await store(rows.slice(half)))];
    }
  };
  return store;
}

async function rejectionOf(
  ctx: RequestContext,
  { record }: Row,
  code: string,
): Promise<Pick<Rejection, 'reason' | 'exists'>> {
  if (code === 'email_taken') return HELD;
  return isTwice(keysOf(record)) || (await findTakenKeys(ctx, [record])).size > 0 ? WAY_TAKEN : REFUSED;
}

function isTwice(keys: readonly string[]): boolean {
  return new Set(keys).size < keys.length;
}

function hasNoWayIn({ password_hash, identities, passkeys }: UserRecord): boolean {
  return password_hash === null && identities.length === 0 && passkeys.length === 0;
}

/** Stored addresses by id. One event tells of the batch, and one more of each administrator in it. */
async function insert(ctx: RequestContext, rows: Row[]): Promise<Map<string, string>> {
  return inTransaction(ctx, async (ctx) => {
    const inserted = await ctx.db
      .insert(users)
      .values(
        rows.map(({ record: { identities: _linked, passkeys: _keys, ...user } }) => ({
          ...user,
          created_at: user.created_at.toISOString(),
        })),
      )
      .onConflictDoNothing()
      .returning({ id: users.id, email: users.email, role: users.role });
    const admins = inserted.filter(({ role }) => role === 'admin');
    if (inserted.length > 0) {
      const details = { count: inserted.length, admins: admins.length };
      await audit.record(
        ctx,
        { event: 'users.imported', subject_id: null, details },
        ...admins.map(
          ({ id, role }): audit.AuditEntry => ({ event: 'user.created', subject_id: id, details: { role } }),
        ),
      );
    }
    const stored = new Map(inserted.map(({ id, email }) => [id, email]));
    // Of two rows with one id the database takes the first.
    const owners = new Map(
      rows.toReversed().flatMap(({ record }) => (stored.get(record.id) === record.email ? [[record.id, record]] : [])),
    );
    await insertWaysIn(ctx, [...owners.values()]);
    return stored;
  });
}

/** Returns the outcome of `storeRows`, duplicates within the file included, and writes nothing. */
function pretendToStore(ctx: AppContext): (rows: Row[]) => Promise<Stored> {
  const seen = { ids: new Set<string>(), emails: new Set<string>(), ways: new Set<string>() };
  return async (rows) => {
    const taken = await findTaken(ctx, rows);
    const ownedWays = await findTakenKeys(
      ctx,
      rows.map(({ record }) => record),
    );
    return rows.map((row) => {
      const { id, email } = row.record;
      if (taken.emails.has(email) || seen.emails.has(email)) return { row, rejection: EXISTS };
      if (taken.held.has(email)) return { row, rejection: HELD };
      if (taken.ids.has(id) || seen.ids.has(id)) return { row, rejection: ID_TAKEN };
      const ways = keysOf(row.record);
      if (isTwice(ways) || ways.some((key) => ownedWays.has(key) || seen.ways.has(key)))
        return { row, rejection: WAY_TAKEN };
      for (const key of ways) seen.ways.add(key);
      seen.ids.add(id);
      seen.emails.add(email);
      return { row };
    });
  };
}

async function findTaken(ctx: AppContext, rows: Row[]): Promise<Record<'ids' | 'emails' | 'held', Set<string>>> {
  if (rows.length === 0) return { ids: new Set(), emails: new Set(), held: new Set() };
  const ids = rows.map(({ record }) => record.id);
  const emails = rows.map(({ record }) => record.email);
  const taken = await ctx.db
    .select({ id: users.id, email: users.email })
    .from(users)
    .where(or(inArray(users.id, ids), inArray(users.email, emails)));
  const held = await findHeld(ctx, emails);
  return { ids: new Set(taken.map(({ id }) => id)), emails: new Set(taken.map(({ email }) => email)), held };
}
