import { MigrationError } from '../errors.ts';
import { sqlState } from './statement-error.ts';
import { ownTables, recordsIn, type VersionTables } from './versions.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
const READ_ONLY = '25006';

/** The error with what to type if the role lacks a right of its own work, or the server only reads; any other as it is. */
export function explained(error: unknown, { user, ...tables }: VersionTables & { user: string | undefined }): unknown {
  if (!(error instanceof Error) || error instanceof MigrationError) return error;
  const role = `"${user ?? ''}"`;
  const code = sqlState(error);
  if (code === READ_ONLY || /read-write mode during recovery/.test(error.message))
    return new MigrationError(`The database only reads (${error.message}): connect to the primary`, { cause: error });
  if (code !== INSUFFICIENT_PRIVILEGE) return error;
  return new MigrationError(`Role ${role} lacks a right: ${error.message}. ${remedy(error.message, tables, role)}`, {
    cause: error,
  });
}

function remedy(message: string, tables: VersionTables, role: string): string {
  const { schema } = tables;
  if (/denied for schema/.test(message))
    return `Since PostgreSQL 15 only its owner may create in schema public. As the owner type: GRANT USAGE, CREATE ON SCHEMA "${schema}" TO ${role}; or set DATABASE_SCHEMA to a schema of the role's own`;
  if (/denied for database/.test(message))
    return `As the owner of the database type: CREATE SCHEMA "${schema}" AUTHORIZATION ${role};`;
  if (ownTables(tables).some((table) => message.includes(table)))
    return `As their owner type: GRANT SELECT, INSERT, UPDATE, DELETE ON "${schema}".alembic_version, ${recordsIn(tables)} TO ${role};`;
  return 'Run it as the owner of the tables';
}
