import { AppError } from '../../app/utils/errors.ts';

/** A sentence for the person at the terminal. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Errors whose message is a sentence for the person at the terminal; of any other the stack is what helps. */
const SENTENCES = new Set(['ConfigError', 'MigrationError', 'DevDatabaseError', 'AppError', 'CommandError']);

/** What to print of an error: a sentence that says what to do if there is one, otherwise the error itself. */
export function sentenceOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof AppError && error.field !== undefined) return `${error.field.name}: ${error.field.msg}`;
  if (SENTENCES.has(error.name)) return error.message;
  // A name with several addresses is refused once for each.
  const refused: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code, address, port, hostname, message } = refused as NodeJS.ErrnoException & Address;
  if (message.startsWith('SASL:')) return sentencesByCode['28P01']?.({});
  const known = sentencesByCode[code ?? '']?.({ address, port, hostname, message });
  if (known !== undefined) return known;
  // The query builder wraps what the driver said.
  const inner = error.cause instanceof Error ? sentenceOf(error.cause) : undefined;
  return typeof inner === 'string' ? inner : error;
}

interface Address {
  address?: string | undefined;
  port?: number | undefined;
  hostname?: string | undefined;
}

const sentencesByCode: Record<string, (at: Address & { message?: string }) => string | undefined> = {
  ...sentencesOfTls(),
  EADDRINUSE: ({ port }) => `Port ${port} is taken: stop what listens there, or set PORT to another one`,
  EADDRNOTAVAIL: ({ address }) => `This machine has no address ${address}: set HOST to one that it has, or to 0.0.0.0`,
  EACCES: ({ port }) => (port === undefined ? undefined : `Port ${port} needs privileges: set PORT to 1024 or more`),
  ECONNREFUSED: ({ address, port }) =>
    `Nothing answers at ${address}:${port}: start PostgreSQL there (npm run dev does), or set DATABASE_URL`,
  ENOTFOUND: ({ hostname }) => `The host ${hostname} in DATABASE_URL is not known`,
  '28P01': () => 'The database refuses the user or the password in DATABASE_URL',
  '28000': ({ message }) => `The database refuses the connection of DATABASE_URL: ${message}`,
  '3D000': ({ message }) => `The database of DATABASE_URL is missing (${message}): create it, or name another one`,
};

/** What keeps `sslmode=verify-ca` and `verify-full` from believing a server, by OpenSSL's names. */
function sentencesOfTls(): Record<string, () => string> {
  const unknown =
    'The certificate of the database is signed by nobody that this machine knows: give sslrootcert=/path/to/ca.crt in DATABASE_URL';
  return {
    SELF_SIGNED_CERT_IN_CHAIN: () => unknown,
    DEPTH_ZERO_SELF_SIGNED_CERT: () => unknown,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => unknown,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => unknown,
    ERR_TLS_CERT_ALTNAME_INVALID: () =>
      'The certificate of the database is for another host than DATABASE_URL names: use the name that it was made for',
    CERT_HAS_EXPIRED: () => 'The certificate of the database has expired: renew it there',
  };
}
