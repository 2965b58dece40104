import { createHash } from 'node:crypto';

/** The use that prepares a statement; psycopg has the same threshold. */
const PREPARE_THRESHOLD = 5;
/** Maximum number of remembered statements; the least recently used one is dropped. */
const MAX_REMEMBERED = 100;

/** Names each repeated statement, so that a connection parses and plans it once. */
export function createStatementNames(): (text: string) => string | undefined {
  const remembered = new Map<string, { uses: number; name: string | undefined }>();
  return (text) => {
    const statement = remembered.get(text) ?? { uses: 0, name: undefined };
    // A map keeps the order of insertion, so the first entry is the least recently used one.
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

/** Derived from the text, so that a dropped statement gets the same name and plan again. */
function nameOf(text: string): string {
  return `s_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
}
