import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { CommandError } from '../ui/errors.ts';

const MARK = 'development database of ';
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Notes in the database's comment which clone of the project it serves, so that two clones on one machine never share their
 * data unnoticed. Throws if another clone that still exists has noted itself. A comment of anybody else is left alone.
 */
export async function claimDatabase(url: string, root: string): Promise<void> {
  const own = realpathSync(root);
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; comment: string | null }>(
      `select datname as name, shobj_description(oid, 'pg_database') as comment from pg_database where datname = current_database()`,
    );
    const { name = '', comment = null } = rows[0] ?? {};
    const other = comment?.startsWith(MARK) ? comment.slice(MARK.length) : undefined;
    if (other === own || (comment !== null && other === undefined)) return;
    if (other !== undefined && existsSync(join(other, 'package.json')))
      throw new CommandError(
        `The database ${name} on ${new URL(url).host} is the one of the clone in ${other}: end "npm run dev" there, so that this clone starts its own, or set DATABASE_URL in .env to another database`,
      );
    await client.query(`comment on database ${client.escapeIdentifier(name)} is ${client.escapeLiteral(MARK + own)}`);
  } catch (error) {
    // The comment is a courtesy; another owner's database works without it.
    if (!(error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
  } finally {
    await client.end();
  }
}
