import { createHash } from 'node:crypto';

/** From this use on a statement is worth the server's memory; psycopg counts the same. */
const PREPARE_THRESHOLD = 5;
/** Statements remembered at once; the one that was not used for the longest time is forgotten. */
const MAX_REMEMBERED = 100;

/** Gives a name to each statement that comes again and again, so that every connection has it parsed and planned once. */
export function createStatementNames(): (text: string) => string | undefined {
  const remembered = new Map<string, { uses: number; name: string | undefined }>();
  return (text) => {
    const statement = remembered.get(text) ?? { uses: 0, name: undefined };
    // A map keeps the order of insertion: the first is the one that has waited longest.
    remembered.delete(text);
    for (const oldest of remembered.keys()) {
      if (remembered.size < MAX_REMEMBERED) break;
      remembered.delete(oldest);
    }
    remembered.set(text, statement);
    statement.uses++;
    if (statement.uses >= PREPARE_THRESHOLD) statement.name ??= nameOf(text);
    return statement.name;
  };
}

/** The text decides, so that a statement that was forgotten meets its own plan again. */
function nameOf(text: string): string {
  return `s_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
}
