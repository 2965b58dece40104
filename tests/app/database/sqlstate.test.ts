import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  databaseError,
  isConnectionLost,
  isEndedByServer,
  isLoginRefused,
  isLostRace,
  isStalePlan,
  isTimeout,
} from '../../../src/app/database/sqlstate.ts';

/** What the driver throws for a SQLSTATE, as drizzle wraps it. */
function failure(code: string, fields: object = {}, message = 'refused'): Error {
  return new Error('Failed query: select 1', { cause: Object.assign(new Error(message), { code, ...fields }) });
}

/** What Node throws for a socket or a name. */
function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code, syscall: 'connect' });
}

describe('to a client a failure is', () => {
  it.each([
    ['08006', 'a broken connection'],
    ['08P01', 'what PgBouncer says of its own'],
    ['25006', 'a primary that became a standby'],
    ['25P03', 'a transaction that idled too long'],
    ['25P04', 'a transaction that took too long'],
    ['28P01', 'a wrong password'],
    ['3D000', 'a missing database'],
    ['40001', 'a serialization failure'],
    ['40P01', 'a deadlock'],
    ['42P01', 'a missing table'],
    ['42703', 'a missing column'],
    ['53100', 'a full disk'],
    ['53300', 'too many connections'],
    ['55000', 'a database that takes no connections'],
    ['55P03', 'a lock that is not to be had'],
    ['57014', 'a statement out of time'],
    ['57P01', 'an administrator’s command'],
    ['57P03', 'a server that starts'],
    ['57P05', 'an idle session that was ended'],
    ['58030', 'an I/O error'],
    ['XX000', 'what a pooler answers for a tenant that it does not know'],
  ])('%s, %s: 503 with a time to come back', (code) => {
    expect(databaseError(failure(code), {})).toMatchObject({
      status: 503,
      code: 'service_unavailable',
      retry_after: 1,
    });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])(
    '%s: 503 with a time to come back',
    (code) => {
      expect(databaseError(systemError(code), {})).toMatchObject({ code: 'service_unavailable', retry_after: 1 });
      const several = Object.assign(new AggregateError([systemError(code)]), { code });
      expect(databaseError(several, {})).toMatchObject({ code: 'service_unavailable', retry_after: 1 });
    },
  );

  it.each([
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ])('%s, a certificate that will not do: 503 with a time to come back', (code) => {
    const error = Object.assign(new Error('refused'), { code });
    expect(databaseError(error, {})).toMatchObject({ code: 'service_unavailable', retry_after: 1 });
  });

  it.each([
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Query read timeout',
    'Cannot use a pool after calling end on the pool',
    'The server does not support SSL connections',
  ])('the driver’s “%s”: 503 with a time to come back', (message) => {
    expect(databaseError(new Error(message), {})).toMatchObject({ code: 'service_unavailable', retry_after: 1 });
  });

  it.each([
    ['22001', 'validation_failed'],
    ['22P02', 'validation_failed'],
    ['23502', 'validation_failed'],
    ['23514', 'validation_failed'],
    ['23503', 'conflict'],
    ['23505', 'conflict'],
  ] as const)('%s: the client’s own, %s', (code, name) => {
    const known = databaseError(failure(code), {});
    expect(known?.code).toBe(name);
    expect(known?.retry_after).toBeUndefined();
  });

  it('what the model says of a constraint that has a name, however deep the cause lies', () => {
    const codes = { users_email_key: 'email_taken' } as const;
    const error = failure('23505', { constraint: 'users_email_key' });
    expect(databaseError(error, codes)?.code).toBe('email_taken');
    expect(databaseError(new Error('outer', { cause: error }), codes)?.code).toBe('email_taken');
    expect(databaseError(failure('23505', { constraint: 'another' }), codes)?.code).toBe('conflict');
  });

  it('unknown where it is no failure of the database, or a mistake in a statement', () => {
    const others = [new TypeError('x is undefined'), failure('42601'), failure('42883'), undefined, 'text', null];
    expect(others.map((other) => databaseError(other, {}))).toEqual(others.map(() => undefined));
    const circular = new Error('circular');
    circular.cause = circular;
    expect(databaseError(circular, {})).toBeUndefined();
  });

  it('never told with words of the database', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), fc.constantFrom('08006', '23505', '53100', '22P02'), (words, code) => {
        const secret = `<${words}>`;
        expect(databaseError(failure(code, {}, secret), {})?.message).not.toContain(secret);
      }),
    );
  });
});

describe('a connection', () => {
  it.each(['08006', '08P01', '25006', '25P03', '25P04', '57P01', '57P02', '57P03', '57P05'])(
    'is lost with %s',
    (code) => expect(isConnectionLost(failure(code))).toBe(true),
  );

  it.each(['22001', '23505', '25P02', '40001', '40P01', '53100', '55P03', '57014'])('stays with %s', (code) =>
    expect(isConnectionLost(failure(code))).toBe(false),
  );

  it('is lost with an error of the socket and with the driver’s own words', () => {
    expect(isConnectionLost(systemError('ECONNRESET'))).toBe(true);
    expect(isConnectionLost(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isConnectionLost(new Error('Query read timeout'))).toBe(true);
    expect(isConnectionLost(new Error('x is undefined'))).toBe(false);
  });
});

describe('a login', () => {
  it.each(['28P01', '28000', '3D000', '53300', '55000', '08P01', '08004', 'XX000'])(
    'was answered with no by %s',
    (code) => expect(isLoginRefused(failure(code))).toBe(true),
  );

  it('was not answered by a server that starts or stops, or by nobody', () => {
    const others = [failure('57P03'), failure('57P01'), systemError('ECONNREFUSED'), new Error('Query read timeout')];
    expect(others.map(isLoginRefused)).toEqual([false, false, false, false]);
  });
});

describe('a statement', () => {
  it('had no effect only where the server says that it ended the connection', () => {
    expect(['57P01', '57P02', '57P03'].map((code) => isEndedByServer(failure(code)))).toEqual([true, true, true]);
    expect([failure('57014'), systemError('ECONNRESET'), new Error('Query read timeout')].map(isEndedByServer)).toEqual(
      [false, false, false],
    );
  });

  it('may still run only where the client stopped waiting', () => {
    expect(isTimeout(new Error('Query read timeout'))).toBe(true);
    expect(isTimeout(failure('57014'))).toBe(false);
  });

  it('has a stale plan only with that sentence: other features are not supported for good', () => {
    expect(isStalePlan(failure('0A000', {}, 'cached plan must not change result type'))).toBe(true);
    expect(isStalePlan(failure('0A000', {}, 'cannot do that'))).toBe(false);
  });

  it('lost a race with a deadlock, a serialization failure or a lock', () => {
    expect(['40001', '40P01', '55P03', '23505', '57014'].map((code) => isLostRace(failure(code)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a foreign key', () => {
  const codes = { fk: { missing: 'session_ended', referenced: 'last_admin' }, plain: 'session_ended' } as const;
  const violation = (constraint: string, message: string, code = '23503') =>
    databaseError(failure(code, { constraint }, message), codes)?.code;

  it.each([
    [
      'insert or update on table "clubs" violates foreign key constraint "fk"',
      'update or delete on table "users" violates foreign key constraint "fk" on table "clubs"',
    ],
    [
      'Einfügen oder Aktualisieren in Tabelle »clubs« verletzt Fremdschlüssel-Constraint »fk«',
      'Aktualisieren oder Löschen in Tabelle »users« verletzt Fremdschlüssel-Constraint »fk« von Tabelle »clubs«',
    ],
    [
      'une instruction insert ou update sur la table « clubs » viole la contrainte de clé étrangère « fk »',
      'UPDATE ou DELETE sur la table « users » viole la contrainte de clé étrangère « fk » de la table « clubs »',
    ],
  ])('is missing or referenced in every language: %s', (missing, referenced) => {
    expect(violation('fk', missing)).toBe('session_ended');
    expect(violation('fk', referenced)).toBe('last_admin');
    expect(violation('plain', missing)).toBe('session_ended');
    // Of the other direction one code says nothing.
    expect(violation('plain', referenced)).toBe('conflict');
  });

  it('of PostgreSQL 18 says by its SQLSTATE that a row is referenced', () => {
    expect(violation('fk', 'update or delete on table violates RESTRICT setting', '23001')).toBe('last_admin');
  });
});
