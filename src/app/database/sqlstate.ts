import type { ConstraintCode, ErrorCodeName } from '../utils/error-codes.ts';
import { AppError } from '../utils/errors.ts';
import { phaseOf } from './failure-phase.ts';

/** The error of PostgreSQL or the driver, from any depth of the chain of causes. */
interface DatabaseFailure {
  /** SQLSTATE, a system error such as ECONNREFUSED, or '' for the driver's own errors. */
  code: string;
  message: string;
  constraint: string | undefined;
}

/** The error codes for SQLSTATE classes and codes (PostgreSQL Appendix A); a code takes precedence over its class. */
const MEANING: Record<string, ErrorCodeName> = {
  '08': 'service_unavailable', // connection exception
  '22': 'validation_failed', // a value that the column's type does not allow
  '23': 'conflict', // an integrity constraint that no model names
  '23502': 'validation_failed',
  '23514': 'validation_failed',
  '25006': 'service_unavailable', // the primary became a standby
  '25P03': 'service_unavailable', // a transaction that idled too long
  '25P04': 'service_unavailable', // a transaction that took too long
  '28': 'service_unavailable', // the server refuses the credentials
  '3D000': 'service_unavailable', // no such database: a paused or renamed project
  '40': 'service_unavailable', // serialization failure, deadlock
  '42P01': 'service_unavailable', // no such table or column: migrations are pending
  '42703': 'service_unavailable',
  '53': 'service_unavailable', // out of connections, memory, disk
  '55000': 'service_unavailable', // the database accepts no connections
  '55P03': 'service_unavailable', // lock not available
  '57': 'service_unavailable', // cancelled, shutting down
  '58': 'service_unavailable', // I/O error
  XX: 'service_unavailable', // errors of poolers themselves
};

const DRIVER_FAILURE =
  /timeout exceeded when trying to connect|Connection terminated|connection error|Query read timeout|Cannot use a pool|pool is busy|SSL/i;

/** Node's codes for a refused certificate or a failed handshake. */
const TLS_FAILURE = /^ERR_(SSL|TLS)_|^EPROTO$|CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$/;

/** Serialization failure, deadlock, lock timeout: the transaction may run again as a whole. */
const LOST_RACE = new Set(['40001', '40P01', '55P03']);

/** The server ended the connection, so the current statement was not committed. */
const ENDED_BY_SERVER = new Set(['57P01', '57P02', '57P03']);

/** Translates a database failure to an AppError; `undefined` for any other error. No other place maps SQLSTATEs for clients. */
export function databaseError(
  error: unknown,
  constraintCodes: Readonly<Record<string, ConstraintCode>>,
): AppError | undefined {
  const failure = databaseFailure(error);
  if (failure === undefined) return undefined;
  const code = codeOfConstraint(failure, constraintCodes) ?? (isOurs(failure, error) ? undefined : meaning(failure));
  const retry_after = code === 'service_unavailable' ? 1 : undefined;
  return code && new AppError(code, { cause: error, ...(retry_after && { retry_after }) });
}

/** True if the connection is lost or in an unknown state, so that it must not return to the pool. */
export function isConnectionLost(error: unknown): boolean {
  const failure = databaseFailure(error);
  if (failure === undefined) return false;
  return (
    /^08|^57P0|^25006|^25P0[34]|^E[A-Z_]+$/.test(failure.code) ||
    (failure.code === '' && DRIVER_FAILURE.test(failure.message))
  );
}

/** True if the server or its pooler refused the login: wrong credentials, unknown database, too many connections. */
export function isLoginRefused(error: unknown): boolean {
  return /^28|^3D|^53300|^55000|^08P01|^08004|^XX/.test(databaseFailure(error)?.code ?? '');
}

/** True if the server ended the connection: the statement had no effect and can be resent. */
export function isEndedByServer(error: unknown): boolean {
  return ENDED_BY_SERVER.has(databaseFailure(error)?.code ?? '');
}

/** True if the client stopped waiting for an answer: the statement can still be running. */
export function isTimeout(error: unknown): boolean {
  return /Query read timeout/.test(databaseFailure(error)?.message ?? '');
}

/** True if a migration changed the columns of a named statement's plan: the statement had no effect and needs a new name. */
export function isStalePlan(error: unknown): boolean {
  const failure = databaseFailure(error);
  return failure?.code === '0A000' && failure.message.startsWith('cached plan');
}

/** True if the whole transaction may run again, because it lost against another transaction or a migration. */
export function isLostRace(error: unknown): boolean {
  return LOST_RACE.has(databaseFailure(error)?.code ?? '') || isStalePlan(error);
}

/** True if the statement was refused because an earlier one of its transaction had failed. */
export function isConsequence(error: unknown): boolean {
  return databaseFailure(error)?.code === '25P02';
}

function codeOfConstraint(
  failure: DatabaseFailure,
  constraintCodes: Readonly<Record<string, ConstraintCode>>,
): ErrorCodeName | undefined {
  const named = failure.constraint === undefined ? undefined : constraintCodes[failure.constraint];
  if (typeof named === 'object') return isReferenced(failure) ? named.referenced : named.missing;
  // One code of a foreign key speaks of the write that refers.
  return isReferenced(failure) ? undefined : named;
}

/**
 * True if a row cannot go because others refer to it. PostgreSQL has one SQLSTATE for both directions, but names the second
 * table in this message alone: three quoted names in every language, where the other direction has two.
 */
function isReferenced({ code, message }: DatabaseFailure): boolean {
  return code === '23001' || (code === '23503' && (message.match(/["«»„“”]/g)?.length ?? 0) > 4);
}

/** True for a value or a constraint that failed in the commit: there the database's own triggers speak, not the client's input. */
function isOurs({ code }: DatabaseFailure, error: unknown): boolean {
  return phaseOf(error) === 'commit' && /^2[23]/.test(code);
}

function meaning({ code, message }: DatabaseFailure): ErrorCodeName | undefined {
  const known = MEANING[code] ?? MEANING[code.slice(0, 2)];
  if (/^[0-9A-Z]{5}$/.test(code) && known !== undefined) return known;
  return /^E[A-Z_]+$/.test(code) || TLS_FAILURE.test(code) || DRIVER_FAILURE.test(message)
    ? 'service_unavailable'
    : undefined;
}

/** Finds the driver's error in a chain of causes: it has a SQLSTATE, a system code, or a known message of the driver. */
function databaseFailure(error: unknown): DatabaseFailure | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++) {
    const code = 'code' in link && typeof link.code === 'string' ? link.code : '';
    const constraint = 'constraint' in link && typeof link.constraint === 'string' ? link.constraint : undefined;
    const isFailure =
      /^[0-9A-Z]{5}$/.test(code) || 'syscall' in link || link instanceof AggregateError || TLS_FAILURE.test(code);
    // A standby refuses to begin a transaction that writes.
    if (code === '0A000' && phaseOf(link) === 'begin') return { code: '25006', message: link.message, constraint };
    if (isFailure || (code === '' && DRIVER_FAILURE.test(link.message)))
      return { code, message: link.message, constraint };
  }
  return undefined;
}
